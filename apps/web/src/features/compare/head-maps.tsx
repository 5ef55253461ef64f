"use client";
import { memo, useDeferredValue, useMemo } from "react";
import { ColorLegend } from "@/charts/color-legend.tsx";
import type { ColorScale } from "@/charts/color-scale.ts";
import { Figure } from "@/charts/figure.tsx";
import { FigureReceipts } from "@/charts/figure-receipts.tsx";
import { HeatMap } from "@/charts/heat-map.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { HEAD_METRICS } from "@/features/run/argument-passing/metrics.ts";
import { receiptsOf } from "@/features/run/receipt.ts";
import { estimateTip } from "@/format/estimates.ts";
import { useInSight } from "@/state/use-in-sight.ts";
import { useWidth } from "@/state/use-size.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { Section } from "@/ui/page.tsx";
import { useIsDark } from "@/ui/theme-provider.tsx";
import { COMPARED_METRICS, type ComparedMetric } from "./compare-state.ts";
import { headScale } from "./head-scale.ts";
import type { ComparedRun } from "./queries.ts";
import type { Series } from "./series.ts";

const NAMES: Record<ComparedMetric, string> = {
  effect: "Effect",
  attentionToSubject: "Attention to subject",
  dlaSubject: "Writes the subject",
  dlaAnswer: "Writes the answer",
};

/** Layer x head maps of all runs as small multiples on one scale. */
export function HeadMaps(props: {
  series: readonly Series<ComparedRun>[];
  metric: ComparedMetric;
  onMetric: (metric: ComparedMetric) => void;
}) {
  const { series, metric } = props;
  const dark = useIsDark();
  const { unit } = HEAD_METRICS[metric];
  const scale = useMemo(
    () =>
      headScale(
        series.map(({ run }) => run),
        metric,
        dark,
      ),
    [series, metric, dark],
  );
  const tallest = Math.max(...series.map(({ run }) => run.argumentPassing?.layers ?? 0));
  const height = Math.min(440, Math.max(150, tallest * 16 + 16));
  return (
    <Section
      title="Heads"
      className="mt-2"
      aside={
        <div className="flex flex-wrap items-center justify-end gap-5">
          <ColorLegend scale={scale} unit={unit} label="same scale" />
          <ChoiceGroup
            label="Metric"
            value={metric}
            choices={COMPARED_METRICS.map((value) => ({ value, label: NAMES[value] }))}
            onChange={props.onMetric}
          />
        </div>
      }
    >
      <div className="grid grid-cols-[repeat(auto-fit,minmax(280px,1fr))] gap-4">
        {series.map((each) => (
          <SightedMap key={each.run.id} series={each} metric={metric} scale={scale} height={height} />
        ))}
      </div>
    </Section>
  );
}

interface SmallMapProps {
  series: Series<ComparedRun>;
  metric: ComparedMetric;
  scale: ColorScale;
  height: number;
}

/** Maps in sight take another metric at once, the others after them. */
function SightedMap(props: SmallMapProps) {
  const [frame, inSight] = useInSight<HTMLDivElement>();
  const late = useDeferredValue(props);
  const shown = inSight ? props : late;
  return (
    <div ref={frame} className="min-w-0" aria-busy={shown.metric !== props.metric}>
      <SmallMap {...shown} />
    </div>
  );
}

const SmallMap = memo(function SmallMap(props: SmallMapProps) {
  const { metric, scale, height } = props;
  const { run, name } = props.series;
  const { unit, short, explanation } = HEAD_METRICS[metric];
  const [frame, width] = useWidth<HTMLDivElement>();
  const data = run.argumentPassing;
  const cells = useMemo(
    () =>
      (data?.heads ?? []).map((head) => ({
        layer: head.layer,
        head: head.head,
        estimate: head[metric],
        tip: () => estimateTip(`${head.label}: ${short}`, head[metric], unit, [`rank\t${head.rank}`]),
      })),
    [data, metric, short, unit],
  );
  const movers = useMemo(() => new Set(data?.movers), [data]);
  if (!data) return null;
  return (
    <FigureReceipts receipts={receiptsOf(run)}>
      <Figure
        about={EXPLANATIONS[explanation]}
        title={name}
        name={`${metric}-${run.key}`}
        compact
        table={() => ({
          columns: ["head", "layer", "index", metric, "low", "high", "n facts"],
          rows: data.heads.map((head) => [
            head.label,
            head.layer,
            head.head,
            ...estimateColumns(head[metric]),
          ]),
        })}
      >
        <div ref={frame} data-heads-of={run.id} style={{ minHeight: height }} className="flex justify-center">
          {width && (
            <HeatMap
              label={`${short}, ${name}`}
              unit={unit}
              layers={data.layers}
              heads={data.headsPerLayer}
              cells={cells}
              scale={scale}
              room={{ width, height }}
              compact
              marked={movers}
            />
          )}
        </div>
      </Figure>
    </FigureReceipts>
  );
});
