import type { Receipt } from "@recallscope/engine";

/** What every exported file says of itself, so that it can be understood alone. */
export interface Stamp {
  /** Of JSON and of metadata, by name. */
  fields: Readonly<Record<string, unknown>>;
  /** The same as short lines for comments. The last ones hold receipts, whole, as JSON. */
  lines: readonly string[];
}

interface StampedRun {
  /** Key of the run. */
  run: string;
  receipt: Receipt;
  warnings: readonly string[];
}

export const runStamp = ({ run, receipt, warnings }: StampedRun): Stamp => ({
  fields: { run, receipt, warnings },
  lines: [...linesOf({ run, receipt, warnings }), receiptLine(receipt)],
});

/** Of several runs beside each other. @param more what the comparison was told */
export const comparisonStamp = (
  runs: readonly StampedRun[],
  more: Readonly<Record<string, string | boolean>>,
): Stamp => ({
  fields: { ...more, runs },
  lines: [
    Object.entries(more)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    ...runs.flatMap(linesOf),
    ...runs.map(({ receipt }) => receiptLine(receipt)),
  ],
});

/** The lines of a stamp after one that says what the file holds. */
export const stampLines = ({ lines }: Stamp, what: string): string[] =>
  [`Recallscope: ${what}`, ...lines].map(oneLine);

/** A stamp's fields as metadata of a file: texts as they are, everything else as JSON. */
export const stampMetadata = ({ fields }: Stamp): [name: string, text: string][] =>
  Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);

function linesOf({ run, receipt, warnings }: StampedRun): string[] {
  const { model, taskId, settings, engineVersion, semanticsVersion, startedAt } = receipt;
  return [
    `run ${run}: model ${model.name}, task ${taskId}, ${settings.shots} shots, seed ${settings.seed}`,
    `engine ${engineVersion}, semantics ${semanticsVersion}, computed ${startedAt}`,
    `weights sha-256 ${model.weightHash}, task sha-256 ${receipt.taskHash}`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

const receiptLine = (receipt: Receipt): string => `receipt: ${JSON.stringify(receipt)}`;

/** A comment ends with its line: whatever a reader may take for a line's end becomes a space. */
const oneLine = (line: string): string => line.replace(/[\n\r\v\f\u0085\u2028\u2029]+/g, " ");
