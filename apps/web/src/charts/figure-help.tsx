"use client";
import type { Explanation } from "@/features/explanations.ts";
import { IconButton } from "@/ui/button.tsx";
import { HelpIcon } from "@/ui/icons.tsx";
import { Popover } from "@/ui/popover.tsx";

/** The "?" of a figure: what it means, by which formula, and who defined it. */
export function FigureHelp({ title, about }: { title: string; about: Omit<Explanation, "title"> }) {
  return (
    <Popover
      label={title}
      align="end"
      className="z-50 w-[min(420px,calc(100vw-24px))] p-4"
      trigger={
        <IconButton label={`What ${title} means`} className="size-6">
          <HelpIcon size={14} />
        </IconButton>
      }
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
    </Popover>
  );
}
