import type { Unit } from "@/format/numbers.ts";
import type { Estimate, RunSummary } from "@/graphql/fragments.ts";

export interface CellNumber {
  label: string;
  unit: Unit;
  /** With its interval, or alone where none is defined. */
  estimate?: (summary: RunSummary) => Estimate | null;
  plain?: (summary: RunSummary) => number | null;
  /** Printed before the number. */
  name?: (summary: RunSummary) => string | null;
}

/** The numbers that the cells of a study can show. */
export const CELL_NUMBERS = {
  top1: { label: "Top-1 accuracy", unit: "probability", estimate: ({ top1 }) => top1 },
  candidates: {
    label: "Top-1 among the answers",
    unit: "probability",
    estimate: ({ candidateTop1 }) => candidateTop1,
  },
  probability: {
    label: "Probability of the answer",
    unit: "probability",
    estimate: ({ probability }) => probability,
  },
  mover: {
    label: "Strongest mover's effect",
    unit: "effect",
    estimate: ({ topMoverEffect }) => topMoverEffect,
    name: ({ topMover }) => topMover,
  },
  r2: { label: "R² held out", unit: "r2", plain: ({ r2HeldOut }) => r2HeldOut },
  final: {
    label: "Final layer, change of log p",
    unit: "nats",
    estimate: ({ finalLayerChange }) => finalLayerChange,
  },
} as const satisfies Record<string, CellNumber>;
export type CellNumberId = keyof typeof CELL_NUMBERS;
export const CELL_NUMBER_IDS = Object.keys(CELL_NUMBERS) as [CellNumberId, ...CellNumberId[]];
