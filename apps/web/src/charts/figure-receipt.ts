import { shotsLabel } from "../format/runs.ts";

/** Which run a figure's numbers come from, as far as a reader needs it to find or make them again. */
export interface FigureReceipt {
  model: string;
  task: string;
  shots: number;
  factsKnown: number;
  factsTotal: number;
  engineVersion: string;
  semanticsVersion: number;
  /** sha-256 of the weights, hexadecimal. */
  weightHash: string;
  runKey: string;
  /** ISO 8601. */
  computedAt: string;
}

/** One line under a picture. */
export const receiptLine = (receipt: FigureReceipt): string =>
  [
    receipt.model,
    receipt.task,
    shotsLabel(receipt.shots),
    `n = ${receipt.factsKnown} known of ${receipt.factsTotal} facts`,
    `engine ${receipt.engineVersion}`,
    `weights ${receipt.weightHash.slice(0, 12)}`,
    `run ${receipt.runKey}`,
    receipt.computedAt.slice(0, 10),
  ].join(" · ");

/** The same in full, as comment lines of a file. */
export const receiptLines = (receipt: FigureReceipt): string[] => [
  `run ${receipt.runKey}: model ${receipt.model}, task ${receipt.task}, ${receipt.shots} shots, ${receipt.factsKnown} known of ${receipt.factsTotal} facts`,
  `engine ${receipt.engineVersion}, semantics ${receipt.semanticsVersion}, computed ${receipt.computedAt}`,
  `weights sha-256 ${receipt.weightHash}`,
];
