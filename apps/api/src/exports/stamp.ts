import type { Receipt } from "@recallscope/engine";

/** What every exported file says of itself, so that it can be understood alone. */
export interface Stamp {
  /** Key of the run. */
  run: string;
  receipt: Receipt;
  warnings: readonly string[];
}

/** The stamp and what the file holds, as short lines for comments. The last ones hold the receipt, whole, as JSON. */
export function stampLines({ run, receipt, warnings }: Stamp, what: string): string[] {
  const { model, taskId, settings, engineVersion, semanticsVersion, startedAt } = receipt;
  return [
    `Recallscope: ${what}`,
    `run ${run}: model ${model.name}, task ${taskId}, ${settings.shots} shots, seed ${settings.seed}`,
    `engine ${engineVersion}, semantics ${semanticsVersion}, computed ${startedAt}`,
    `weights sha-256 ${model.weightHash}, task sha-256 ${receipt.taskHash}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    `receipt: ${JSON.stringify(receipt)}`,
  ].map(oneLine);
}

/** A comment ends with its line: whatever a reader may take for a line's end becomes a space. */
const oneLine = (line: string): string => line.replace(/[\n\r\v\f\u0085\u2028\u2029]+/g, " ");
