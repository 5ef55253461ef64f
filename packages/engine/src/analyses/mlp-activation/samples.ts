import { shuffled } from "../../math/random.ts";
import type { Instruments } from "../instruments.ts";
import type { Cut, Samples } from "./fit.ts";
import {
  type CentredMoments,
  centredMoments,
  type FactMoments,
  gramAbout,
  gramWithout,
  mergeMoments,
} from "./moments.ts";

export const FOLDS = 5;
const REPEATS = 5;

/** Seeded cuts of the clusters 0 to count - 1 into parts: one to choose penalties on, the others to report R2 on. */
export interface Partitions {
  selection: number[][];
  evaluation: number[][][];
}

/** 1 + 5 partitions into 5 parts; none of fewer than two facts. */
export const partitionsOf = (facts: number, random: () => number): Partitions => ({
  selection: facts < 2 ? [] : partition(facts, random),
  evaluation: facts < 2 ? [] : Array.from({ length: REPEATS }, () => partition(facts, random)),
});

/** One seeded partition, in at most 5 parts of nearly equal size. */
export function partition(clusters: number, random: () => number): number[][] {
  const order = shuffled(
    Array.from({ length: clusters }, (_, i) => i),
    random,
  );
  const count = Math.min(FOLDS, clusters);
  return Array.from({ length: count }, (_, part) => order.filter((_, i) => i % count === part));
}

/** All that fits over these facts need; a fact never stands on both sides of a cut. */
export async function samplesOf(
  facts: readonly FactMoments[],
  all: CentredMoments,
  { selection, evaluation }: Partitions,
  width: number,
  instruments: Instruments,
): Promise<Samples> {
  const merged = (parts: readonly (readonly number[])[]) => mergeParts(facts, parts, width, instruments);
  const evaluated: FactMoments[][] = [];
  for (const parts of evaluation) evaluated.push(await merged(parts));
  return {
    all: all.gram,
    facts: facts.length,
    selection: await merged(selection),
    evaluation: evaluated,
    without: facts.length < 2 ? [] : without(facts, all, instruments),
    cut: (train, tests) => cut(train, tests, width, instruments),
  };
}

async function* without(facts: readonly FactMoments[], all: CentredMoments, instruments: Instruments) {
  for (const fact of facts) yield await gramWithout(fact, all, instruments);
}

/** Moments of each part of a partition. */
export async function mergeParts(
  clusters: readonly FactMoments[],
  parts: readonly (readonly number[])[],
  width: number,
  instruments: Instruments,
): Promise<FactMoments[]> {
  const out: FactMoments[] = [];
  for (const part of parts)
    out.push(
      await mergeMoments(
        part.map((i) => clusters[i]!),
        width,
        instruments,
      ),
    );
  return out;
}

/** Sums of products of train parts about their mean, and of each test part about the train parts' mean. */
export async function cut(
  train: readonly FactMoments[],
  tests: readonly FactMoments[],
  width: number,
  instruments: Instruments,
): Promise<Cut> {
  const { gram, mean } = await centredMoments(train, width, instruments);
  const out: Cut = { train: gram, tests: [] };
  for (const test of tests) out.tests.push(await gramAbout(mean, [test], width, instruments));
  return out;
}
