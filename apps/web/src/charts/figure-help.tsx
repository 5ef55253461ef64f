"use client";
import { Popover } from "radix-ui";
import type { Explanation } from "@/features/explanations.ts";
import { IconButton } from "@/ui/button.tsx";
import { HelpIcon } from "@/ui/icons.tsx";

/** The "?" of a figure: what it means, by which formula, and who defined it. */
export function FigureHelp({ title, about }: { title: string; about: Omit<Explanation, "title"> }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton label={`What ${title} means`} className="size-6">
          <HelpIcon size={14} />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={12}
          className="z-50 w-[min(420px,calc(100vw-24px))] rounded-lg border border-line bg-surface p-4 text-sm shadow-float"
        >
          <p className="font-semibold">{title}</p>
          <p className="mt-1 text-ink-2">{about.meaning}</p>
          <p className="mt-3 overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs leading-[18px] whitespace-pre-wrap">
            {about.formula}
          </p>
          <dl className="mt-3 grid grid-cols-[56px_1fr] gap-y-1 text-xs">
            <dt className="text-ink-3">Unit</dt>
            <dd>{about.unit}</dd>
            <dt className="text-ink-3">Source</dt>
            <dd>{about.source}</dd>
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
