"use client";
import { ToggleGroup } from "radix-ui";
import { shotsLabel } from "@/format/runs.ts";
import { MOST_SHOTS, readShots } from "./form-state.ts";

/** Numbers of demonstrations, at least one of them. @param value by commas */
export function ShotsChoice({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <ToggleGroup.Root
      type="multiple"
      aria-label="Shots"
      value={readShots(value).map(String)}
      onValueChange={(chosen) => chosen.length > 0 && onChange(readShots(chosen.join(",")).join(","))}
      className="grid grid-cols-9 overflow-hidden rounded-md border border-line-strong bg-surface"
    >
      {Array.from({ length: MOST_SHOTS + 1 }, (_, shots) => (
        <ToggleGroup.Item
          // biome-ignore lint/suspicious/noArrayIndexKey: the number is the item
          key={shots}
          value={String(shots)}
          data-tip={shotsLabel(shots)}
          className="h-7.5 border-line text-sm text-ink-2 not-first:border-l hover:bg-sunken data-[state=on]:bg-ink data-[state=on]:text-paper"
        >
          {shots}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
