import { type LabeledArray, type PatchedLogits, sliceArray } from "@recallscope/engine";
import type { Tx } from "../services.ts";
import { arrayOf } from "./read-report.ts";

/** Of one prompt: its part of arrays that have an axis of prompts, without that axis, by their names. */
export type PromptArrays = ReadonlyMap<string, { axes: LabeledArray["axes"]; values: Float64Array }>;

/** What a run stored of one prompt in some arrays; those that it has not, or not of this prompt, are missing. */
export async function readPromptArrays(
  tx: Tx,
  runId: string,
  index: number,
  names: readonly string[],
): Promise<PromptArrays> {
  const rows = await tx.runArray.findMany({ where: { runId, name: { in: [...names] } } });
  const labels = [String(index)];
  return new Map(
    rows.flatMap((row) => {
      const array = arrayOf(row);
      if (!array.axes.find(({ dim }) => dim === "prompt")?.labels.includes(labels[0]!)) return [];
      const { axes, values } = sliceArray(array, [{ dim: "prompt", labels }], null, array.values.length);
      return [[array.name, { axes: axes.filter(({ dim }) => dim !== "prompt"), values }] as const];
    }),
  );
}

/** Arrays of what patching every head does to a prompt. */
export const PATCHING = ["clean", "corrupted", "noising", "denoising"].map((name) => `patching.${name}`);

/** Patched logits of every head, `[layer * heads + head]`; null where the run patched no pair of the prompt. */
export function patchingOf(read: PromptArrays): PatchedLogits | null {
  const [clean, corrupted, noising, denoising] = PATCHING.map((name) => read.get(name)?.values);
  if (!clean || !corrupted || !noising || !denoising) return null;
  return { clean: clean[0]!, corrupted: corrupted[0]!, noising, denoising };
}
