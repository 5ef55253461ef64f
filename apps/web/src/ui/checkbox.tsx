"use client";
import { Checkbox as Radix } from "radix-ui";
import { CheckIcon } from "./icons.tsx";

export function Checkbox(props: { checked: boolean; onChange: (checked: boolean) => void; label: string }) {
  return (
    <Radix.Root
      checked={props.checked}
      onCheckedChange={(checked) => props.onChange(checked === true)}
      onClick={(event) => event.stopPropagation()}
      aria-label={props.label}
      className="flex size-4 items-center justify-center rounded border border-line-strong bg-surface text-paper hover:border-ink data-[state=checked]:border-ink data-[state=checked]:bg-ink"
    >
      <Radix.Indicator>
        <CheckIcon size={12} />
      </Radix.Indicator>
    </Radix.Root>
  );
}
