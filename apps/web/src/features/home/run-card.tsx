import type { ReactNode } from "react";
import { runLink } from "@/features/runs/links.ts";
import { formatValue } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo } from "@/format/time.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { Link } from "@/ui/link.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { SuppressionText } from "@/ui/suppression.tsx";

/** A finished run at a glance. */
export function RunCard({ run }: { run: RunRowData }) {
  const { summary } = run;
  return (
    <article className="relative h-[194px] rounded-lg border border-line bg-surface p-4 transition-colors hover:border-ink-3">
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="truncate">
          <Link href={runLink(run)} className="after:absolute after:inset-0 after:rounded-lg">
            {run.task.title}
          </Link>
        </h3>
        <time dateTime={run.createdAt} className="label shrink-0">
          {formatAgo(run.createdAt)}
        </time>
      </div>
      <p className="truncate text-sm text-ink-2">
        {shortModelName(run.model.name)} · {shotsLabel(run.settings.shots)}
      </p>
      {summary && (
        <dl className="mt-4 grid grid-cols-3 gap-x-3 gap-y-3">
          <Fact label="Top-1">
            <EstimateValue estimate={summary.top1} unit="probability" label="Top-1 accuracy" />
          </Fact>
          <Fact label="Strongest mover">
            {summary.topMover ?? <span className="text-ink-3 italic">none</span>}
          </Fact>
          <Fact label="Its effect">
            {summary.topMoverEffect ? (
              <EstimateValue estimate={summary.topMoverEffect} unit="effect" label="Patching effect" />
            ) : (
              <span className="text-ink-3">–</span>
            )}
          </Fact>
          <Fact label="R² held out">
            {summary.r2HeldOut === null ? (
              <span className="text-ink-3 italic">–</span>
            ) : (
              formatValue(summary.r2HeldOut, "r2")
            )}
          </Fact>
          <Fact label="Final layer" wide>
            <EstimateValue estimate={summary.finalLayerChange} unit="nats" label="Change of log p" signed />
            <SuppressionText suppression={summary.suppression} className="ml-2 text-xs font-normal" />
          </Fact>
        </dl>
      )}
    </article>
  );
}

function Fact({ label, wide, children }: { label: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? "col-span-2" : ""}>
      <dt className="label">{label}</dt>
      <dd className="text-lg leading-6 font-medium">{children}</dd>
    </div>
  );
}
