import type { RunKey } from "../results/comparison.ts";
import type { LabeledArray } from "../results/labeled-array.ts";
import type { FactRecord, RunReport } from "../results/report.ts";

/** A fact by what it says, a prompt by its fact and frame: the same words in every run of a task. */
export const factKey = ({ subject, answer }: Pick<FactRecord, "subject" | "answer">): string =>
  JSON.stringify([subject, answer]);
/** A prompt by its fact's key and its frame. */
const promptKey = (fact: string, frame: string): string => `${fact} ${frame}`;
/** Keys of all facts, by their index. */
const factKeys = ({ task }: RunReport): string[] => task.facts.map(factKey);

export const runKey = ({ receipt, task, prompts }: RunReport): RunKey => ({
  model: receipt.model.name,
  weightHash: receipt.model.weightHash,
  taskId: receipt.taskId,
  shots: receipt.settings.shots,
  frames: [...new Set(prompts.map(({ frame }) => frame))].sort(),
  known: task.factsKnown,
  admitted: task.factsAdmitted,
  total: task.factsTotal,
});

export const knownFacts = ({ task }: RunReport): Map<string, FactRecord> =>
  new Map(task.facts.filter(({ known }) => known).map((fact) => [factKey(fact), fact]));

/** A number, or something else, of one prompt of a known fact. */
export interface PromptValue<T = number> {
  fact: string;
  prompt: string;
  value: T;
}

/** What `value` gives for every prompt of a known fact. */
export function promptValues<T>(
  report: RunReport,
  value: (prompt: RunReport["prompts"][number]) => T,
): PromptValue<T>[] {
  const keys = factKeys(report);
  return report.prompts.flatMap((prompt) => {
    const fact = keys[prompt.fact]!;
    return report.task.facts[prompt.fact]!.known
      ? [{ fact, prompt: promptKey(fact, prompt.frame), value: value(prompt) }]
      : [];
  });
}

/** log p(answer) after the final layer minus the lens before it, in nats, of every prompt where both are above 0 in float32. */
export function finalChanges(report: RunReport): PromptValue[] | { reason: string } {
  const { layers } = report.receipt.model;
  const array = report.arrays.find(({ name }) => name === "lens.answer.probability");
  const states = array?.axes[1]?.labels ?? [];
  const [before, after] = [layers === 1 ? "L0.pre" : `L${layers - 2}.post`, `L${layers - 1}.post`].map(
    (label) => states.indexOf(label),
  ) as [number, number];
  if (!array || before < 0 || after < 0)
    return { reason: "the run keeps no lens probabilities of its prompts" };
  const keys = factKeys(report);
  return array.axes[0]!.labels.flatMap((label, row) => {
    const [p, q] = [array.values[row * states.length + before]!, array.values[row * states.length + after]!];
    const prompt = report.prompts[Number(label)]!;
    const fact = keys[prompt.fact]!;
    if (!(p > 0 && q > 0)) return [];
    return [{ fact, prompt: promptKey(fact, prompt.frame), value: Math.log(q) - Math.log(p) }];
  });
}

/** What patching each head changed on one pair of prompts, mean of both directions, and what there was to change, in logits. */
export interface EffectPair {
  fact: string;
  prompt: string;
  total: number;
  /** `[layer * heads + head]` */
  changes: Float64Array;
}

/** The pairs behind a run's head effects. */
export function effectPairs(report: RunReport): EffectPair[] | { reason: string } {
  const find = (name: string): LabeledArray | undefined => report.arrays.find((array) => array.name === name);
  const [clean, corrupted, noising, denoising] = ["clean", "corrupted", "noising", "denoising"].map((name) =>
    find(`patching.${name}`),
  );
  if (!clean || !corrupted || !noising || !denoising)
    return { reason: "the run keeps no patching metrics of its pairs (made by an older engine)" };
  const heads = report.argumentPassing.heads.length;
  const keys = factKeys(report);
  return clean.axes[0]!.labels.map((label, row) => {
    const prompt = report.prompts[Number(label)]!;
    const fact = keys[prompt.fact]!;
    const [top, bottom] = [clean.values[row]!, corrupted.values[row]!];
    return {
      fact,
      prompt: promptKey(fact, prompt.frame),
      total: top - bottom,
      changes: Float64Array.from(
        { length: heads },
        (_, h) => (top - noising.values[row * heads + h]! + denoising.values[row * heads + h]! - bottom) / 2,
      ),
    };
  });
}

/** Effects of all heads, `[layer * heads + head]`, or why there are none. */
export function headEffects({ argumentPassing }: RunReport): number[] | { reason: string } {
  const missing = argumentPassing.heads.find(({ effect }) => effect.value === null);
  if (missing) return { reason: missing.effect.reason ?? "the effects of heads were not observed" };
  return argumentPassing.heads.map(({ effect }) => effect.value!);
}

/** Effects are quotients of float32 logits: what differs by less is rounding. */
const RESOLUTION = 1e-6;

/** Effects in units of their resolution, so that heads that do nothing are tied and not ordered by rounding. */
export const resolved = (effects: readonly number[]): number[] =>
  effects.map((effect) => Math.round(effect / RESOLUTION));

/** Sums of numbers per fact, in the order of `facts`. */
export function sumsByFact<T>(
  items: readonly T[],
  facts: readonly string[],
  of: (item: T) => { fact: string; value: number },
): { sums: Float64Array; counts: Float64Array } {
  const place = new Map(facts.map((fact, i) => [fact, i]));
  const [sums, counts] = [new Float64Array(facts.length), new Float64Array(facts.length)];
  for (const item of items) {
    const { fact, value } = of(item);
    const at = place.get(fact);
    if (at === undefined) continue;
    sums[at]! += value;
    counts[at]! += 1;
  }
  return { sums, counts };
}

/** What there was to change of each fact, `[fact]`. */
export const factTotals = (pairs: readonly EffectPair[], facts: readonly string[]): Float64Array =>
  sumsByFact(pairs, facts, ({ fact, total }) => ({ fact, value: total })).sums;

/** What patching each head changed, summed per fact: `[head][fact]`. */
export function headSums(
  pairs: readonly EffectPair[],
  facts: readonly string[],
  heads: number,
): Float64Array[] {
  const place = new Map(facts.map((fact, i) => [fact, i]));
  const sums = Array.from({ length: heads }, () => new Float64Array(facts.length));
  for (const { fact, changes } of pairs) {
    const at = place.get(fact);
    if (at !== undefined) for (let head = 0; head < heads; head++) sums[head]![at]! += changes[head]!;
  }
  return sums;
}
