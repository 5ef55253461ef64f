import { EngineError } from "../errors.ts";
import { Resampler } from "../math/resampler.ts";
import type { RunReport } from "../results/report.ts";
import { type EffectPair, effectPairs, knownFacts, promptValues } from "./run-facts.ts";

export interface CompareOptions {
  samples?: number;
  seed?: number;
  /** Draws of other comparisons with the same samples and seed, to be used again. */
  resampler?: Resampler;
  /** Goes on although the runs' numbers mean different things. */
  acrossSemantics?: boolean;
}

/** Two runs, and what of them can be paired. */
export interface PairedRuns {
  a: RunReport;
  b: RunReport;
  resampler: Resampler;
  sameModel: boolean;
  sameTask: boolean;
  /** Keys of the facts that both know; none for runs of different tasks. */
  shared: ReadonlySet<string>;
  sharedPrompts: number;
  promptsOnlyA: number;
  promptsOnlyB: number;
  /** Why nothing can be paired. */
  problem: string | null;
  effects: PairedEffects | { reason: string };
}

/** The patched pairs that both runs have, fact and frame alike. */
export interface PairedEffects {
  a: EffectPair[];
  b: EffectPair[];
  facts: string[];
}

/** @throws EngineError BAD_INPUT for runs of different semantics versions */
export function pairRuns(a: RunReport, b: RunReport, options: CompareOptions = {}): PairedRuns {
  const { samples = 2000, seed = 1, resampler = new Resampler(samples, seed) } = options;
  if (a.receipt.semanticsVersion !== b.receipt.semanticsVersion && !options.acrossSemantics) {
    throw new EngineError(
      "BAD_INPUT",
      `runs to compare: semantics versions ${a.receipt.semanticsVersion} and ${b.receipt.semanticsVersion} (their numbers mean different things; run the older one again)`,
    );
  }
  const sameTask = a.receipt.taskId === b.receipt.taskId;
  const knownInB = knownFacts(b);
  const shared = new Set(sameTask ? [...knownFacts(a).keys()].filter((key) => knownInB.has(key)) : []);
  const [promptsA, promptsB] = [a, b].map(
    (run) =>
      new Set(
        promptValues(run, () => 0)
          .filter(({ fact }) => shared.has(fact))
          .map(({ prompt }) => prompt),
      ),
  ) as [Set<string>, Set<string>];
  const both = [...promptsA].filter((prompt) => promptsB.has(prompt)).length;
  const problem = !sameTask
    ? "runs of different tasks share no prompts"
    : both === 0
      ? "no prompt of a fact that both runs know"
      : null;
  return {
    a,
    b,
    resampler,
    sameModel: a.receipt.model.weightHash === b.receipt.model.weightHash,
    sameTask,
    shared,
    sharedPrompts: both,
    promptsOnlyA: promptsA.size - both,
    promptsOnlyB: promptsB.size - both,
    problem,
    effects: problem === null ? pairedEffects(a, b) : { reason: problem },
  };
}

/** Known facts of a run that the other does not know. */
export const loneFacts = (run: RunReport, { shared }: PairedRuns): { subject: string; answer: string }[] =>
  [...knownFacts(run)].flatMap(([key, { subject, answer }]) =>
    shared.has(key) ? [] : [{ subject, answer }],
  );

function pairedEffects(a: RunReport, b: RunReport): PairedEffects | { reason: string } {
  const [ownA, ownB] = [effectPairs(a), effectPairs(b)];
  if ("reason" in ownA) return ownA;
  if ("reason" in ownB) return ownB;
  const inBoth = (own: EffectPair[], other: EffectPair[]) => {
    const there = new Set(other.map(({ prompt }) => prompt));
    return own.filter(({ prompt }) => there.has(prompt));
  };
  const paired = { a: inBoth(ownA, ownB), b: inBoth(ownB, ownA) };
  if (paired.a.length === 0) return { reason: "no pair was patched in both runs" };
  return { ...paired, facts: [...new Set(paired.a.map(({ fact }) => fact))].sort() };
}
