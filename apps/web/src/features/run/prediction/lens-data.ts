import type { FigureTable } from "@/table/figure-table.ts";
import type { Prediction } from "../queries.ts";

export type LensMeasure = "probability" | "centredLogit" | "medianRank";
type Lens = Prediction["lens"];

export interface LensPoint {
  series: "subject" | "answer";
  index: number;
  depth: number;
  value: number | null;
  low: number | null;
  high: number | null;
}

const SERIES = ["subject", "answer"] as const;

/** One point per state and token (subject, answer). */
export function lensPoints(lens: Lens, measure: LensMeasure): LensPoint[] {
  return SERIES.flatMap((series) =>
    lens.states.map(({ depth }, index) => {
      if (measure === "medianRank") {
        return { series, index, depth, value: lens[series].medianRank[index] ?? null, low: null, high: null };
      }
      const { value = null, low = null, high = null } = lens[series][measure][index] ?? {};
      return { series, index, depth, value, low, high };
    }),
  );
}

/** The drawn measure, state by state. */
export function lensTable(lens: Lens, measure: LensMeasure): FigureTable {
  const points = lensPoints(lens, measure);
  const interval = measure === "medianRank" ? [] : ["low", "high"];
  return {
    columns: ["series", "state", "depth", "value", ...interval, "n facts"],
    rows: points.map(({ series, index, depth, value, low, high }) => [
      series,
      lens.states[index]?.label ?? null,
      depth,
      value,
      ...(measure === "medianRank" ? [] : [low, high]),
      lens[series].probability[index]?.n ?? null,
    ]),
  };
}
