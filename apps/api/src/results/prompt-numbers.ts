import { type LabeledArray, promptEffects, sliceArray } from "@recallscope/engine";
import type { Tx } from "../services.ts";
import { arrayOf } from "./read-report.ts";

/** What the lens reads of one token on one prompt, `[state]`. */
export interface PromptTrajectory {
  rank: number[];
  probability: number[];
}
export interface PromptLens {
  states: readonly string[];
  subject: PromptTrajectory;
  answer: PromptTrajectory;
}

/** Numbers of every head on one prompt, `[layer * heads + head]`. */
export interface PromptHeads {
  layers: number;
  headsPerLayer: number;
  /** logit(answer) - logit(donor's answer) of the unchanged runs; null where the prompt has no pair that was patched. */
  clean: number | null;
  corrupted: number | null;
  /** Normalised by this prompt's own clean - corrupted; null where `reason` says why. */
  noising: number[] | null;
  denoising: number[] | null;
  effect: number[] | null;
  reason: string | null;
  /** Shares; null where the run stored none. */
  attentionToSubject: number[] | null;
}

export interface PromptNumbers {
  runId: string;
  index: number;
  lens: PromptLens | null;
  heads: PromptHeads | null;
}

/** What a run stored of one prompt by itself. Parts are null where it stored none: of facts that the model does not know. */
export async function readPromptNumbers(tx: Tx, runId: string, index: number): Promise<PromptNumbers> {
  const read = readerOf(tx, runId, index);
  const trajectory = async (which: "subject" | "answer") => {
    const [rank, probability] = [await read(`lens.${which}.rank`), await read(`lens.${which}.probability`)];
    return rank && probability
      ? { rank: rank.values, probability: probability.values, axes: rank.axes }
      : null;
  };
  const [subject, answer] = [await trajectory("subject"), await trajectory("answer")];
  return {
    runId,
    index,
    lens: subject && answer && { states: subject.axes[0]!.labels, subject, answer },
    heads: await headsOf(read),
  };
}

type Reader = ReturnType<typeof readerOf>;

/** Reads arrays with an axis `prompt` at one of its labels; null where the array or the label is missing. */
const readerOf = (tx: Tx, runId: string, index: number) => async (name: string) => {
  const row = await tx.runArray.findUnique({ where: { runId_name: { runId, name } } });
  if (!row) return null;
  const array: LabeledArray = arrayOf(row);
  const labels = [String(index)];
  if (!array.axes.find(({ dim }) => dim === "prompt")?.labels.includes(labels[0]!)) return null;
  const { axes, values } = sliceArray(array, [{ dim: "prompt", labels }], null, array.values.length);
  return { axes: axes.filter(({ dim }) => dim !== "prompt"), values: Array.from(values) };
};

async function headsOf(read: Reader): Promise<PromptHeads | null> {
  const [noising, denoising, attention] = [
    await read("patching.noising"),
    await read("patching.denoising"),
    await read("sources.attention_to_subject"),
  ];
  const [layers, heads] = (noising ?? attention)?.axes.map(({ labels }) => labels.length) ?? [];
  if (layers === undefined || heads === undefined) return null;
  const clean = (await read("patching.clean"))?.values[0] ?? null;
  const corrupted = (await read("patching.corrupted"))?.values[0] ?? null;
  return {
    layers,
    headsPerLayer: heads,
    clean,
    corrupted,
    ...effectsOf(clean, corrupted, noising?.values, denoising?.values),
    attentionToSubject: attention?.values ?? null,
  };
}

type Effects = Pick<PromptHeads, "noising" | "denoising" | "effect" | "reason">;

function effectsOf(
  clean: number | null,
  corrupted: number | null,
  noising: number[] | undefined,
  denoising: number[] | undefined,
): Effects {
  const found =
    clean === null || corrupted === null || !noising || !denoising
      ? { reason: "the run patched no pair of this prompt" }
      : promptEffects({ clean, corrupted, noising, denoising });
  if ("reason" in found) return { noising: null, denoising: null, effect: null, reason: found.reason };
  const lists = { noising: [...found.noising], denoising: [...found.denoising], effect: [...found.effect] };
  return { ...lists, reason: null };
}
