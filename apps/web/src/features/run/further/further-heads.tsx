"use client";
import { useMemo } from "react";
import { ColorLegend } from "@/charts/color-legend.tsx";
import { colorScale, largest } from "@/charts/color-scale.ts";
import { Figure } from "@/charts/figure.tsx";
import { HeatMap } from "@/charts/heat-map.tsx";
import type { Explanation } from "@/features/explanations.ts";
import { estimateTip } from "@/format/estimates.ts";
import { headLabel } from "@/format/heads.ts";
import { isSigned } from "@/format/numbers.ts";
import { useWidth } from "@/state/use-size.ts";
import type { FigureTable } from "@/table/figure-table.ts";
import { useIsDark } from "@/ui/theme-provider.tsx";
import type { FurtherFigureData } from "../queries.ts";

type Heads = Extract<FurtherFigureData, { __typename: "HeadsFigure" }>;

/** Layer x head map of a further analysis; hover and choice are shared with the page's other maps. */
export function FurtherHeads(props: {
  figure: Heads;
  about: Explanation;
  name: string;
  query: string;
  table: () => FigureTable;
}) {
  const { figure, about, name, query, table } = props;
  const { layers, headsPerLayer } = figure;
  const unit = figure.unit;
  const dark = useIsDark();
  const [frame, width] = useWidth<HTMLDivElement>();
  const height = Math.min(480, Math.max(180, layers * 14 + 30));
  const scale = useMemo(
    () =>
      colorScale(
        isSigned(unit) ? "diverging" : "sequential",
        largest(figure.cells.map(({ value }) => value)),
        dark,
      ),
    [figure, unit, dark],
  );
  const cells = useMemo(
    () =>
      figure.cells.map((estimate, i) => {
        const [layer, head] = [Math.floor(i / headsPerLayer), i % headsPerLayer];
        const tip = () => estimateTip(`${headLabel(layer, head)}: ${about.title}`, estimate, unit);
        return { layer, head, estimate, tip };
      }),
    [figure, headsPerLayer, unit, about.title],
  );
  const marked = useMemo(() => new Set(figure.marked), [figure]);
  return (
    <Figure
      about={about}
      name={name}
      query={query}
      table={table}
      legend={<ColorLegend scale={scale} unit={unit} />}
    >
      <div ref={frame} style={{ minHeight: height }} className="flex justify-center">
        {width && (
          <HeatMap
            label={about.title}
            unit={unit}
            layers={layers}
            heads={headsPerLayer}
            cells={cells}
            scale={scale}
            room={{ width, height }}
            compact
            marked={marked}
          />
        )}
      </div>
    </Figure>
  );
}
