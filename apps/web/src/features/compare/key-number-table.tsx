"use client";
import { estimateTip, formatInterval } from "@/format/estimates.ts";
import { formatDelta, formatDeltaInterval, formatPValue, formatValue, type Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { cx } from "@/ui/class-names.ts";
import { EstimateValue } from "@/ui/number.tsx";
import { Section } from "@/ui/page.tsx";
import type { Comparison, Paired, Pairing } from "./queries.ts";
import { RunColumns } from "./run-columns.tsx";
import type { Series } from "./series.ts";

type PairedMetric = Paired["metrics"][number];

/** Key numbers of all runs, each on its own known facts, with paired deltas to the baseline on what both have. */
export function KeyNumberTable(props: {
  comparison: Comparison;
  pairing: Pairing | null;
  series: readonly Series[];
  onBaseline: (id: string) => void;
}) {
  const { comparison, pairing, series } = props;
  return (
    <Section title="Key numbers" className="mt-2">
      <div className="overflow-x-auto rounded-lg border border-line bg-surface">
        <table className="w-full border-separate border-spacing-0 text-sm" aria-label="Key numbers">
          <RunColumns series={series} span={2} onBaseline={props.onBaseline} />
          <tbody>
            {comparison.keyNumbers.map((row) => (
              <tr key={row.name} className="align-top">
                <RowHead title={row.title} help={row.help} part={row.title.startsWith("from ")} />
                {row.cells.map((cell, place) => {
                  const paired = pairing?.runs[place]?.toBaseline;
                  return (
                    <ValueAndDelta
                      key={series[place]?.run.id}
                      label={row.title}
                      unit={row.unit}
                      estimate={cell.estimate}
                      plain={cell.text ?? (cell.value === null ? null : formatValue(cell.value, row.unit))}
                      baseline={series[place]?.baseline ?? false}
                      waiting={pairing === null && row.metric !== null}
                      metric={paired?.metrics.find(({ metric }) => metric === row.metric)}
                      apart={cell.apart}
                    />
                  );
                })}
              </tr>
            ))}
            <CentreOfMass {...props} />
            <tr className="align-top">
              <RowHead
                title="Heads with half of the effect"
                help="Least number of heads that together hold half of the mass of |effect|, of all heads"
              />
              {comparison.runs.map(({ place, concentration: { headsTo50, heads, reason } }) => (
                <ValueAndDelta
                  key={place}
                  label="Heads with half of the effect"
                  unit="count"
                  estimate={null}
                  plain={headsTo50 === null ? null : `${headsTo50} of ${heads}`}
                  reason={reason}
                  baseline={series[place]?.baseline ?? false}
                />
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      <p className="label mt-2 max-w-[120ch]">
        Values are of the facts that each run's own model knows; below them their 95 % interval. Δ is run
        minus baseline, paired by prompt on the facts that both know, with its interval over facts; bold where
        that excludes 0. Where nothing pairs the runs there is no Δ; ≠ marks intervals without a common point.{" "}
        <SharedFacts {...props} />
      </p>
    </Section>
  );
}

/** On how many facts each run is paired with the baseline. */
function SharedFacts({ pairing, series }: { pairing: Pairing | null; series: readonly Series[] }) {
  if (!pairing) return null;
  const parts = pairing.runs.flatMap(({ place, toBaseline }) =>
    toBaseline
      ? [
          toBaseline.sameTask
            ? `${series[place]?.name}: ${toBaseline.sharedFacts} facts, ${toBaseline.sharedPrompts} prompts shared`
            : `${series[place]?.name}: another task, nothing to pair`,
        ]
      : [],
  );
  return <>{parts.join("; ")}.</>;
}

function CentreOfMass(props: { comparison: Comparison; pairing: Pairing | null; series: readonly Series[] }) {
  const { comparison, pairing, series } = props;
  const title = "Depth of head effects";
  return (
    <tr className="align-top">
      <RowHead
        title={title}
        help="Centre of mass of |effect| over relative depth: 0 first layer, 100 % last. Δ is paired on the patched pairs that both have"
      />
      {comparison.runs.map(({ place, depth }) => {
        const delta = pairing?.runs[place]?.toBaseline?.centreOfMassDelta;
        return (
          <ValueAndDelta
            key={place}
            label={title}
            unit="share"
            estimate={depth.centreOfMass}
            plain={null}
            baseline={series[place]?.baseline ?? false}
            waiting={pairing === null}
            delta={delta}
          />
        );
      })}
    </tr>
  );
}

function RowHead({ title, help, part = false }: { title: string; help: string; part?: boolean }) {
  return (
    <th
      scope="row"
      data-tip={`${title}\n${help}`}
      className={cx(
        "sticky left-0 z-[1] border-t border-line/70 bg-surface py-2 pr-6 pl-4 text-left font-normal whitespace-nowrap text-ink-2",
        part && "pl-8",
      )}
    >
      {title}
    </th>
  );
}

function ValueAndDelta(props: {
  label: string;
  unit: Unit;
  estimate: Estimate | null;
  /** What is printed where there is no estimate; null: not observed. */
  plain: string | null;
  reason?: string | null | undefined;
  baseline: boolean;
  /** The paired number is still on its way. */
  waiting?: boolean;
  metric?: PairedMetric | undefined;
  delta?: Estimate | undefined;
  apart?: boolean;
}) {
  const { label, unit, estimate, plain, baseline, metric, apart = false } = props;
  const delta = metric?.delta ?? props.delta;
  return (
    <>
      <td
        className={cx("border-t border-line/70 py-2 pl-4 whitespace-nowrap", baseline && "pr-4")}
        colSpan={baseline ? 2 : 1}
      >
        {estimate ? (
          <>
            <EstimateValue estimate={estimate} unit={unit} label={label} />
            <span className="block text-xs text-ink-3">{formatInterval(estimate, unit)}</span>
          </>
        ) : (
          (plain ?? (
            <span className="text-ink-3 italic" data-tip={`${label}\n${props.reason ?? "not observed"}`}>
              not observed
            </span>
          ))
        )}
      </td>
      {!baseline && (
        <td className="border-t border-line/70 py-2 pr-4 pl-4 whitespace-nowrap">
          {delta && delta.value !== null ? (
            <Delta label={label} unit={unit} delta={delta} metric={metric} />
          ) : props.waiting ? (
            <span className="skeleton inline-block h-3.5 w-12 align-middle" />
          ) : apart ? (
            <span
              className="text-xs text-ink-2"
              data-tip={`${label}\nthe two 95 % intervals have no point in common`}
            >
              ≠
            </span>
          ) : delta?.reason ? (
            <span className="text-xs text-ink-3" data-tip={`${label}\n${delta.reason}`}>
              –
            </span>
          ) : null}
        </td>
      )}
    </>
  );
}

function Delta(props: { label: string; unit: Unit; delta: Estimate; metric: PairedMetric | undefined }) {
  const { label, unit, delta, metric } = props;
  const excludesZero = delta.low !== null && delta.high !== null && (delta.low > 0 || delta.high < 0);
  const more = metric
    ? [
        `both on shared prompts\t${formatValue(metric.sharedBaseline.value ?? 0, unit)} → ${formatValue(metric.sharedRun.value ?? 0, unit)}`,
        `sign-flip test\t${formatPValue(metric.pValue)}`,
        `correlation over facts\t${metric.correlation === null ? "not observed" : formatValue(metric.correlation, "cosine")}`,
      ]
    : [];
  return (
    <span data-tip={estimateTip(`${label}: run minus baseline, paired`, delta, unit, more)}>
      <span className={excludesZero ? "font-semibold" : "text-ink-2"}>
        {formatDelta(delta.value ?? 0, unit)}
      </span>
      <span className="block text-xs text-ink-3">{formatDeltaInterval(delta, unit) ?? "no interval"}</span>
    </span>
  );
}
