import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

export type Tone = "neutral" | "good" | "bad" | "warn" | "subject" | "answer";
const TONES: Record<Tone, string> = {
  neutral: "bg-sunken text-ink-2",
  good: "bg-good-soft text-good",
  bad: "bg-bad-soft text-bad",
  warn: "bg-warn-soft text-warn",
  subject: "bg-subject-soft text-subject",
  answer: "bg-answer-soft text-answer",
};

export function Badge({
  tone = "neutral",
  tip,
  children,
}: {
  tone?: Tone;
  tip?: string;
  children: ReactNode;
}) {
  return (
    <span
      data-tip={tip}
      className={cx(
        "inline-flex h-5 items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}
