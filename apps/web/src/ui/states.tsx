"use client";
import type { CSSProperties, ReactNode } from "react";
import type { CombinedError } from "urql";
import { describeError } from "@/graphql/errors.ts";
import { Button } from "./button.tsx";
import { cx } from "./class-names.ts";
import { RetryIcon, WarningIcon } from "./icons.tsx";

/** Something the page waits for, in its final size. */
export function Skeleton({ className, style }: { className?: string; style?: CSSProperties }) {
  return <div aria-hidden="true" style={style} className={cx("skeleton", className)} />;
}

/** Nothing to show: what is missing, and the way to it. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-line-strong px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-[56ch] text-sm text-ink-2">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** A failed request; says whether the server was unreachable or refused, and offers to try again. */
export function ErrorState({ error, onRetry }: { error: CombinedError; onRetry?: () => void }) {
  const { kind, title, message, code } = describeError(error);
  return (
    <div
      role="alert"
      data-kind={kind}
      className="flex gap-3 rounded-lg border border-bad/40 bg-bad-soft px-4 py-3"
    >
      <WarningIcon className="mt-[3px] shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {title}
          {code && <code className="ml-2 font-mono text-xs text-ink-2">{code}</code>}
        </p>
        <p className="text-sm break-words whitespace-pre-line text-ink-2">{message}</p>
      </div>
      {onRetry && (
        <Button onClick={onRetry}>
          <RetryIcon /> Try again
        </Button>
      )}
    </div>
  );
}

/** A line the reader must see but that stops nothing. */
export function Notice({ tone = "warn", children }: { tone?: "warn" | "info" | "bad"; children: ReactNode }) {
  const tones = {
    warn: "border-warn/30 bg-warn-soft",
    info: "border-line bg-surface",
    bad: "border-bad/40 bg-bad-soft",
  };
  const marks = { warn: "text-warn", info: "text-ink-3", bad: "text-bad" };
  return (
    <div className={cx("flex gap-2.5 rounded-lg border px-3.5 py-2 text-sm", tones[tone])}>
      <WarningIcon className={cx("mt-[2px] shrink-0", marks[tone])} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
