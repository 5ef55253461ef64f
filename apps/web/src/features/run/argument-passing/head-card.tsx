"use client";
import { useMemo } from "react";
import { largest } from "@/charts/color-scale.ts";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { estimateTip, formatEstimate } from "@/format/estimates.ts";
import { formatPValue } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { useHovered, useSelection } from "@/state/selection.tsx";
import { Badge } from "@/ui/badge.tsx";
import { IconButton } from "@/ui/button.tsx";
import { CloseIcon, PinIcon } from "@/ui/icons.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { Panel } from "@/ui/page.tsx";
import type { ArgumentPassing, Head } from "../queries.ts";
import { signedMetric } from "./head-tip.ts";
import { HEAD_METRICS, type HeadMetric, METRIC_NAMES } from "./metrics.ts";

/** Everything about one head: the hovered one, else the selected one, else the strongest. */
export function HeadCard({ data }: { data: ArgumentPassing }) {
  const hovered = useHovered();
  const { heads, selected, select, pin } = useSelection();
  const find = (label: string | null) => data.heads.find((head) => head.label === label);
  const head = find(hovered) ?? find(selected) ?? data.heads.find(({ rank }) => rank === 1);
  const ends = useMemo(
    () =>
      Object.fromEntries(
        METRIC_NAMES.map((name) => [name, largest(data.heads.map((each) => each[name].value))]),
      ) as Record<HeadMetric, number>,
    [data],
  );
  if (!head) return <Panel>This model has no heads to show.</Panel>;
  const own = heads.find(({ label }) => label === head.label);
  const why =
    head.label === hovered ? "under the pointer" : head.label === selected ? "selected" : "strongest effect";

  return (
    <Panel className="sticky top-40 px-5 pt-4 pb-5">
      <div className="flex h-8 items-start justify-between">
        <div className="flex items-baseline gap-2.5">
          <h3 className="text-xl">{head.label}</h3>
          <span className="label">{why}</span>
        </div>
        <div className="-mr-1.5 flex">
          <IconButton
            label={own?.pinned ? "Unpin" : "Pin: keep this head when another is clicked"}
            aria-pressed={own?.pinned ?? false}
            onClick={() => pin(head.label)}
          >
            <PinIcon />
          </IconButton>
          {own && (
            <IconButton label="Clear selection (Esc)" onClick={() => select(null)}>
              <CloseIcon />
            </IconButton>
          )}
        </div>
      </div>
      <div className="mt-1 flex h-5 gap-1.5">
        {head.mover && <Badge tone="subject">mover</Badge>}
        <Badge tip={rankTip(head)}>rank {head.rank}</Badge>
        {head.qValue !== null && <Badge>{formatPValue(head.qValue, "q")}</Badge>}
      </div>
      <dl className="mt-4 grid gap-3">
        {METRIC_NAMES.map((metric) => (
          <MetricRow key={metric} metric={metric} estimate={head[metric]} end={ends[metric]} />
        ))}
      </dl>
      <ChosenHeads heads={data.heads} />
      <p className="mt-4 text-xs text-ink-3">
        Bars run to the largest value of any head; thin lines are 95 % intervals. Click a cell to choose a
        head, with Shift one more.
      </p>
    </Panel>
  );
}

/** The heads that are chosen together; a click makes one the primary. */
function ChosenHeads({ heads }: { heads: readonly Head[] }) {
  const { heads: chosen, hover, select } = useSelection();
  if (chosen.length < 2) return null;
  return (
    <ul aria-label="Chosen heads" className="mt-4 flex flex-wrap gap-1.5 border-t border-line pt-3">
      {chosen.map(({ label, pinned }, at) => {
        const head = heads.find((each) => each.label === label);
        return (
          <li key={label}>
            <button
              type="button"
              aria-pressed={at === 0}
              onPointerEnter={() => hover.set(label)}
              onPointerLeave={() => hover.set(null)}
              onClick={(event) => at > 0 && select(label, event.shiftKey)}
              data-tip={
                head ? estimateTip(`${label}: effect`, head.effect, "effect") : `${label}\nnot in this model`
              }
              className="inline-flex h-6 items-center gap-1 rounded border border-line px-1.5 text-xs font-medium text-ink-2 hover:border-ink-3 aria-pressed:border-ink aria-pressed:text-ink"
            >
              {pinned && <PinIcon size={10} />}
              {label}
              {head && (
                <span className="font-normal text-ink-3">{formatEstimate(head.effect, "effect", true)}</span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const rankTip = (head: Head): string =>
  head.rankLow === null || head.rankHigh === null
    ? "Rank by effect"
    : `Rank by effect\n95 % of resamples\t${head.rankLow} to ${head.rankHigh}`;

function MetricRow({ metric, estimate, end }: { metric: HeadMetric; estimate: Estimate; end: number }) {
  const { explanation, unit, short } = HEAD_METRICS[metric];
  const signed = signedMetric(metric);
  return (
    <div className="grid grid-cols-[1fr_auto] items-baseline gap-x-3">
      <dt className="text-sm text-ink-2 first-letter:uppercase" data-tip={EXPLANATIONS[explanation].meaning}>
        {short}
      </dt>
      <dd className="text-sm font-medium">
        <EstimateValue estimate={estimate} unit={unit} label={short} signed={signed} />
      </dd>
      <dd className="col-span-2">
        <RangeBar estimate={estimate} end={end} signed={signed} />
      </dd>
    </div>
  );
}

function RangeBar({ estimate, end, signed }: { estimate: Estimate; end: number; signed: boolean }) {
  const place = (value: number) => {
    const share = Math.max(-1, Math.min(1, end > 0 ? value / end : 0));
    return signed ? 50 + share * 50 : share * 100;
  };
  const zero = signed ? 50 : 0;
  const { value, low, high } = estimate;
  const at = value === null ? zero : place(value);
  const color = !signed ? "var(--subject)" : (value ?? 0) < 0 ? "var(--bar-negative)" : "var(--bar-positive)";
  return (
    <svg width="100%" height={9} className="mt-1 block overflow-visible" aria-hidden="true">
      <rect x={0} y={3} width="100%" height={3} rx={1.5} fill="var(--sunken)" />
      <rect
        x={`${Math.min(zero, at)}%`}
        y={2}
        width={`${Math.abs(at - zero)}%`}
        height={5}
        rx={1}
        fill={color}
      />
      {low !== null && high !== null && (
        <line
          x1={`${place(low)}%`}
          x2={`${place(high)}%`}
          y1={4.5}
          y2={4.5}
          stroke="var(--ink)"
          strokeWidth={1}
        />
      )}
      {signed && <line x1="50%" x2="50%" y1={0} y2={9} stroke="var(--ink-3)" strokeWidth={1} />}
    </svg>
  );
}
