import { type PatchedLogits, promptEffects } from "@recallscope/engine";
import type { Tx } from "../services.ts";
import { PATCHING, type PromptArrays, patchingOf, readPromptArrays } from "./prompt-arrays.ts";

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
  const read = await readPromptArrays(tx, runId, index, [
    ...LENS.flatMap((which) => [`lens.${which}.rank`, `lens.${which}.probability`]),
    ...PATCHING,
    ATTENTION,
  ]);
  const [subject, answer] = LENS.map((which) => {
    const [rank, probability] = [read.get(`lens.${which}.rank`), read.get(`lens.${which}.probability`)];
    return rank && probability && { rank: [...rank.values], probability: [...probability.values] };
  });
  const [axis] = read.get("lens.subject.rank")?.axes ?? [];
  return {
    runId,
    index,
    lens: subject && answer && axis ? { states: axis.labels, subject, answer } : null,
    heads: headsOf(read),
  };
}

const LENS = ["subject", "answer"] as const;
const ATTENTION = "sources.attention_to_subject";

function headsOf(read: PromptArrays): PromptHeads | null {
  const patching = patchingOf(read);
  const attention = read.get(ATTENTION);
  const [layers, heads] =
    (read.get("patching.noising") ?? attention)?.axes.map(({ labels }) => labels.length) ?? [];
  if (layers === undefined || heads === undefined) return null;
  return {
    layers,
    headsPerLayer: heads,
    clean: patching?.clean ?? null,
    corrupted: patching?.corrupted ?? null,
    ...effectsOf(patching),
    attentionToSubject: attention ? [...attention.values] : null,
  };
}

type Effects = Pick<PromptHeads, "noising" | "denoising" | "effect" | "reason">;

function effectsOf(patching: PatchedLogits | null): Effects {
  const found = patching ? promptEffects(patching) : { reason: "the run patched no pair of this prompt" };
  if ("reason" in found) return { noising: null, denoising: null, effect: null, reason: found.reason };
  const lists = { noising: [...found.noising], denoising: [...found.denoising], effect: [...found.effect] };
  return { ...lists, reason: null };
}
