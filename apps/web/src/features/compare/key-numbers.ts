import type { Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import type { ComparedRun } from "./queries.ts";

export interface ComparedNumber {
  name: string;
  help: string;
  unit: Unit;
  signed?: boolean;
  /** Deltas mean something only between numbers of one kind; labels and layers have none. */
  of: (run: ComparedRun) => Estimate | number | string | null;
}

/** Rows of the comparison, in the order of the mechanisms. */
export const COMPARED_NUMBERS: ComparedNumber[] = [
  {
    name: "Known facts",
    help: "Facts the model knows, of all in the task",
    unit: "count",
    of: ({ summary }) => (summary ? `${summary.factsKnown} of ${summary.factsTotal}` : null),
  },
  {
    name: "Top-1",
    help: "Facts answered first",
    unit: "probability",
    of: ({ summary }) => summary?.top1 ?? null,
  },
  {
    name: "Top-1 of candidates",
    help: "First among the task's answers",
    unit: "probability",
    of: ({ summary }) => summary?.candidateTop1 ?? null,
  },
  {
    name: "p(answer)",
    help: "Mean probability of the answer",
    unit: "probability",
    of: ({ summary }) => summary?.probability ?? null,
  },
  {
    name: "log p(answer)",
    help: "Mean log-probability of the answer",
    unit: "nats",
    signed: true,
    of: ({ prediction }) => prediction?.logProb ?? null,
  },
  {
    name: "Median rank",
    help: "In the vocabulary, 0 = top",
    unit: "rank",
    of: ({ summary }) => summary?.medianRank ?? null,
  },
  {
    name: "Strongest mover",
    help: "Head with the largest patching effect",
    unit: "count",
    of: ({ summary }) => summary?.topMover ?? null,
  },
  {
    name: "Its effect",
    help: "Normalised patching effect",
    unit: "effect",
    signed: true,
    of: ({ summary }) => summary?.topMoverEffect ?? null,
  },
  {
    name: "Movers",
    help: "Heads with q < 0.05, interval above 0, effect of at least 0.02",
    unit: "count",
    of: ({ summary }) => summary?.moverCount ?? null,
  },
  {
    name: "Headline MLP",
    help: "MLP with the largest attribution to the answer; depth in the model",
    unit: "count",
    of: ({ summary, argumentPassing }) =>
      summary?.headlineLayer == null || !argumentPassing
        ? null
        : `MLP${summary.headlineLayer} (${Math.round(((summary.headlineLayer + 0.5) / argumentPassing.layers) * 100)} % deep)`,
  },
  {
    name: "R² held out",
    help: "Decomposition of the headline MLP on facts it never saw",
    unit: "r2",
    of: ({ summary }) => summary?.r2HeldOut ?? null,
  },
  {
    name: "Final layer, Δ log p",
    help: "Change of the answer's log-probability across the final layer, nats",
    unit: "nats",
    signed: true,
    of: ({ summary }) => summary?.finalLayerChange ?? null,
  },
  {
    name: "from its heads",
    help: "Shapley share",
    unit: "nats",
    signed: true,
    of: ({ finalLayer }) => finalLayer?.headPart ?? null,
  },
  {
    name: "from its MLP",
    help: "Shapley share",
    unit: "nats",
    signed: true,
    of: ({ finalLayer }) => finalLayer?.mlpPart ?? null,
  },
  {
    name: "from the norm's scale",
    help: "Shapley share",
    unit: "nats",
    signed: true,
    of: ({ finalLayer }) => finalLayer?.scalePart ?? null,
  },
];

export type Cell = ReturnType<ComparedNumber["of"]>;
export const isEstimate = (cell: Cell): cell is Estimate => typeof cell === "object" && cell !== null;

/** The number of a cell, where it is one. */
export const numberOf = (cell: Cell): number | null =>
  isEstimate(cell) ? cell.value : typeof cell === "number" ? cell : null;

/** Whether two intervals have no point in common: a cautious sign that two runs differ. */
export const apart = (one: Cell, other: Cell): boolean =>
  isEstimate(one) &&
  isEstimate(other) &&
  one.low !== null &&
  one.high !== null &&
  other.low !== null &&
  other.high !== null &&
  (one.low > other.high || other.low > one.high);
