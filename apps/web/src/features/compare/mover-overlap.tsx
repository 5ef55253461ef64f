"use client";
import { formatNumber } from "@/format/numbers.ts";
import { useHovered, useSelection } from "@/state/selection.tsx";
import { cx } from "@/ui/class-names.ts";
import { Section } from "@/ui/page.tsx";
import { headOverlap } from "./head-overlap.ts";
import type { Series } from "./series.ts";

/** Which mover heads the runs share; across models heads have no common identity and are not matched. */
export function MoverOverlap({ series }: { series: readonly Series[] }) {
  const baseline = series[0];
  if (!baseline) return null;
  return (
    <Section title="Movers" className="mt-4">
      <div className="overflow-x-auto rounded-lg border border-line bg-surface">
        <table className="w-full border-separate border-spacing-0 text-sm" aria-label="Mover heads">
          <thead>
            <tr className="text-left text-xs text-ink-3">
              <th className="px-4 py-2 font-medium">Run</th>
              <th className="px-4 py-2 font-medium">Movers</th>
              <th
                className="px-4 py-2 text-right font-medium"
                data-tip={
                  "Overlap of the top heads\nJaccard index of the k heads with the largest effect; k = 2 % of all heads, at least 5\nchance\twhat random sets of that size share"
                }
              >
                Top-k overlap
              </th>
              <th
                className="px-4 py-2 text-right font-medium"
                data-tip={"Spearman correlation\nof the effects of all heads with those of the baseline"}
              >
                Rank correlation
              </th>
            </tr>
          </thead>
          <tbody>
            {series.map((each) => (
              <Row key={each.run.id} series={each} baseline={baseline} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Row({ series, baseline }: { series: Series; baseline: Series }) {
  const own = series.run.argumentPassing;
  const first = baseline.run.argumentPassing;
  const sameModel = series.run.model.id === baseline.run.model.id;
  const shared = new Set(sameModel ? first?.movers : []);
  const overlap = !series.baseline && sameModel && own && first ? headOverlap(own.heads, first.heads) : null;
  return (
    <tr className="align-top">
      <th scope="row" className="border-t border-line/70 px-4 py-2.5 text-left font-medium whitespace-nowrap">
        <svg width={18} height={8} aria-hidden="true" className="mr-2 inline">
          <path d="M0 4h18" stroke={series.color} strokeWidth={2.4} strokeDasharray={series.dash} />
        </svg>
        {series.name}
      </th>
      <td className="border-t border-line/70 px-4 py-2">
        <div className="flex flex-wrap gap-1">
          {(own?.movers ?? []).map((label) => (
            <MoverChip key={label} label={label} shared={!series.baseline && shared.has(label)} />
          ))}
          {own?.movers.length === 0 && <span className="text-ink-3 italic">none</span>}
        </div>
      </td>
      {overlap ? (
        <>
          <td className="border-t border-line/70 px-4 py-2.5 text-right whitespace-nowrap">
            {formatNumber(overlap.jaccard)}
            <span className="ml-2 text-xs text-ink-3">
              k = {overlap.k}, chance {formatNumber(overlap.chance)}
            </span>
          </td>
          <td className="border-t border-line/70 px-4 py-2.5 text-right">
            {overlap.spearman === null ? (
              <span className="text-ink-3 italic">not observed</span>
            ) : (
              formatNumber(overlap.spearman)
            )}
          </td>
        </>
      ) : (
        <td
          colSpan={2}
          className="border-t border-line/70 px-4 py-2.5 text-right whitespace-nowrap text-ink-3"
        >
          {series.baseline ? "baseline" : "another model: heads do not correspond"}
        </td>
      )}
    </tr>
  );
}

function MoverChip({ label, shared }: { label: string; shared: boolean }) {
  const { hover, selected, select } = useSelection();
  const hovered = useHovered();
  return (
    <button
      type="button"
      onPointerEnter={() => hover.set(label)}
      onPointerLeave={() => hover.set(null)}
      onClick={(event) => select(label, event.shiftKey)}
      data-tip={shared ? `${label}\nalso a mover in the baseline` : label}
      className={cx(
        "h-6 rounded px-1.5 text-xs font-medium",
        shared ? "bg-answer-soft text-answer" : "bg-sunken text-ink-2",
        (hovered === label || selected === label) && "ring-2 ring-ink",
      )}
    >
      {label}
    </button>
  );
}
