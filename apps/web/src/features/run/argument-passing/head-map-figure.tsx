"use client";
import { useMemo } from "react";
import { ColorLegend } from "@/charts/color-legend.tsx";
import { type ColorScale, colorScale, largest } from "@/charts/color-scale.ts";
import { Figure } from "@/charts/figure.tsx";
import { HeatMap } from "@/charts/heat-map.tsx";
import { NearSight } from "@/charts/near-sight.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { useWidth } from "@/state/use-size.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { useIsDark } from "@/ui/theme-provider.tsx";
import { headMapQuery, promptHeadsQuery } from "../figure-queries.ts";
import type { ArgumentPassing } from "../queries.ts";
import { headTip } from "./head-tip.ts";
import { HEAD_METRICS, type HeadMetric, METRIC_NAMES } from "./metrics.ts";

/** Layer x head map of one metric; metrics of one group (patching, shares, attributions) share their scale. */
export function HeadMapFigure(props: {
  run: string;
  data: ArgumentPassing;
  /** Index of the prompt that the metric's numbers are of alone; null for means. */
  prompt: number | null;
  metric: HeadMetric;
  name: string;
  height: number;
  compact?: boolean;
}) {
  const { data, prompt, metric, compact = false } = props;
  const { explanation, unit, scale: kind, group } = HEAD_METRICS[metric];
  const about = EXPLANATIONS[explanation];
  const dark = useIsDark();
  const [frame, width] = useWidth<HTMLDivElement>();

  const scale = useMemo(() => {
    const shared = METRIC_NAMES.filter((name) => HEAD_METRICS[name].group === group);
    return colorScale(
      kind,
      largest(data.heads.flatMap((head) => shared.map((name) => head[name].value))),
      dark,
    );
  }, [data, kind, group, dark]);

  return (
    <Figure
      about={prompt === null ? about : { ...about, unit: `${about.unit}; prompt ${prompt} alone` }}
      name={`${props.name}-${metric}${prompt === null ? "" : `-prompt-${prompt}`}`}
      query={prompt === null ? headMapQuery(props.run, metric) : promptHeadsQuery(props.run, prompt, metric)}
      compact={compact}
      table={() => ({
        columns: ["head", "layer", "index", "value", "low", "high", "n facts"],
        rows: data.heads.map((head) => [head.label, head.layer, head.head, ...estimateColumns(head[metric])]),
      })}
      legend={<ColorLegend scale={scale} unit={unit} />}
    >
      <div ref={frame} style={{ minHeight: props.height }} className="flex justify-center">
        {width && (
          <NearSight height={props.height}>
            <HeadMap
              data={data}
              metric={metric}
              scale={scale}
              room={{ width, height: props.height }}
              compact={compact}
            />
          </NearSight>
        )}
      </div>
    </Figure>
  );
}

function HeadMap(props: {
  data: ArgumentPassing;
  metric: HeadMetric;
  scale: ColorScale;
  room: { width: number; height: number };
  compact: boolean;
}) {
  const { data, metric } = props;
  const { explanation, unit } = HEAD_METRICS[metric];
  const cells = useMemo(
    () =>
      data.heads.map((head) => ({
        layer: head.layer,
        head: head.head,
        estimate: head[metric],
        tip: () => headTip(head, metric),
      })),
    [data, metric],
  );
  const movers = useMemo(() => new Set(data.movers), [data]);
  return (
    <HeatMap
      label={EXPLANATIONS[explanation].title}
      unit={unit}
      layers={data.layers}
      heads={data.headsPerLayer}
      cells={cells}
      scale={props.scale}
      room={props.room}
      compact={props.compact}
      marked={movers}
    />
  );
}
