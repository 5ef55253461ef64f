import type { ReactNode } from "react";
import { cx } from "@/ui/class-names.ts";
import { percent } from "@/ui/run-status.tsx";
import type { StudyCounts } from "./queries.ts";

const PARTS = [
  { key: "succeeded", label: "finished", colour: "bg-good", text: "text-good" },
  { key: "running", label: "running", colour: "bg-answer", text: "text-answer" },
  { key: "queued", label: "queued", colour: "bg-line-strong", text: "text-ink-2" },
  { key: "failed", label: "failed", colour: "bg-bad", text: "text-bad" },
  { key: "cancelled", label: "cancelled", colour: "bg-warn", text: "text-warn" },
  { key: "missing", label: "missing", colour: "bg-transparent", text: "text-ink-3" },
] as const;

/** How many cells of a study are in which state, as a bar and in words. */
export function StudyBar({ counts, children }: { counts: StudyCounts; children?: ReactNode }) {
  const present = PARTS.filter(({ key }) => counts[key] > 0);
  return (
    <div>
      <div className="mb-1 flex flex-wrap justify-between gap-x-4 text-xs text-ink-2">
        <span className="flex flex-wrap gap-x-3">
          {present.map(({ key, label, text }) => (
            <span key={key} className={cx("whitespace-nowrap", text)}>
              {counts[key]} {label}
            </span>
          ))}
        </span>
        {children ?? (
          <span className="whitespace-nowrap">
            {percent(counts.fraction)} of {counts.total}
          </span>
        )}
      </div>
      <div
        role="img"
        aria-label={present.map(({ key, label }) => `${counts[key]} ${label}`).join(", ")}
        className="flex h-1.5 gap-px overflow-hidden rounded-full bg-sunken"
      >
        {present.map(({ key, colour }) => (
          <div key={key} className={colour} style={{ width: `${(100 * counts[key]) / counts.total}%` }} />
        ))}
      </div>
    </div>
  );
}
