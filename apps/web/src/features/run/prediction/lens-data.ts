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

export function lensTable(lens: Lens): FigureTable {
  const measures = ["probability", "centredLogit"] as const;
  const columns = SERIES.flatMap((series) => [
    ...measures.flatMap((measure) =>
      ["", " low", " high"].map((part) => `${series} ${measure === "probability" ? "p" : "logit"}${part}`),
    ),
    `${series} median rank`,
  ]);
  return {
    columns: ["state", "depth", ...columns, "n facts"],
    rows: lens.states.map((state, index) => [
      state.label,
      state.depth,
      ...SERIES.flatMap((series) => [
        ...measures.flatMap((measure) => {
          const estimate = lens[series][measure][index];
          return [estimate?.value ?? null, estimate?.low ?? null, estimate?.high ?? null];
        }),
        lens[series].medianRank[index] ?? null,
      ]),
      lens.answer.probability[index]?.n ?? null,
    ]),
  };
}
