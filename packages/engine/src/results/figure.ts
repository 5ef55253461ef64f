import type { Estimate } from "./estimate.ts";
import type { ReliabilityBin } from "./mitigation.ts";

export const FIGURE_UNITS = [
  "probability",
  "share",
  "logit",
  "nats",
  "rank",
  "effect",
  "weight",
  "r2",
  "cosine",
  "count",
] as const;
export type FigureUnit = (typeof FIGURE_UNITS)[number];

/** What a figure shows, in words for a reader of the page. */
export interface FigureText {
  /** Unique among the figures of its analysis. */
  id: string;
  title: string;
  unit: FigureUnit;
  /** The unit in words, e.g. `nats of log p(answer)`. */
  unitText: string;
  meaning: string;
  formula: string;
  source: string;
}

/** One picture of a further analysis as data: what is drawn is decided where it is drawn. */
export type Figure = FigureText &
  (
    | {
        kind: "HEADS";
        layers: number;
        headsPerLayer: number;
        /** Layer-major. */
        cells: readonly Estimate[];
        /** Labels of heads that carry a dot. */
        marked: readonly string[];
      }
    | {
        kind: "LINES";
        /** What the ticks are, e.g. `layer`. */
        axis: string;
        ticks: readonly string[];
        /** One point per tick. */
        series: readonly { label: string; points: readonly Estimate[] }[];
      }
    | {
        /** How often what is predicted with some probability is right: on the diagonal where it is as often as that. */
        kind: "RELIABILITY";
        /** The first is what the others are compared with. Bins are the same in all. */
        curves: readonly { label: string; bins: readonly ReliabilityBin[] }[];
      }
    | { kind: "BARS"; bars: readonly { label: string; estimate: Estimate }[] }
    /** Verdicts and single findings in words. */
    | { kind: "NOTES"; notes: readonly { label: string; value: string }[] }
  );
