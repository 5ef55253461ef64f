"use client";
import Link from "next/link";
import { runLink } from "@/features/runs/links.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { Badge } from "@/ui/badge.tsx";
import { IconButton } from "@/ui/button.tsx";
import { CloseIcon } from "@/ui/icons.tsx";
import type { Series } from "./series.ts";

/** The compared runs with their line: remove one, or make it the baseline. */
export function RunChips({
  series,
  onChange,
}: {
  series: readonly Series[];
  onChange: (ids: string[]) => void;
}) {
  const ids = series.map(({ run }) => run.id);
  return (
    <ul className="flex flex-wrap gap-2">
      {series.map(({ run, color, dash, baseline }) => (
        <li
          key={run.id}
          className="flex items-center gap-3 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-3 text-sm"
        >
          <svg width={22} height={10} aria-hidden="true">
            <path d="M0 5h22" stroke={color} strokeWidth={2.4} strokeDasharray={dash} />
          </svg>
          <Link href={runLink(run)} className="leading-tight hover:text-answer">
            <span className="block font-medium">{run.task.title}</span>
            <span className="block text-xs text-ink-2">
              {shortModelName(run.model.name)} · {shotsLabel(run.settings.shots)}
            </span>
          </Link>
          {baseline ? (
            <Badge>baseline</Badge>
          ) : (
            <button
              type="button"
              className="text-xs text-ink-3 underline decoration-line-strong underline-offset-3 hover:text-ink"
              onClick={() => onChange([run.id, ...ids.filter((id) => id !== run.id)])}
            >
              make baseline
            </button>
          )}
          <IconButton label="Remove" onClick={() => onChange(ids.filter((id) => id !== run.id))}>
            <CloseIcon size={14} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
