import { shuffled } from "../../math/random.ts";
import type { Aggregation } from "../analysis.ts";
import type { Fold, Samples } from "./fit.ts";
import { type CentredMoments, centredMoments, type FactMoments, gramAbout, gramWithout } from "./moments.ts";

const FOLDS = 5;
const REPEATS = 5;

/** All the cuts of the facts that fits need; a fact never stands on both sides of one. */
export async function samplesOf(
  facts: readonly FactMoments[],
  all: CentredMoments,
  random: () => number,
  context: Aggregation,
): Promise<Samples> {
  const samples = { all: all.gram, facts: facts.length };
  if (facts.length < 2) return { ...samples, selection: [], evaluation: [], without: [] };
  const selection = await folds(facts, random, context);
  const evaluation: Fold[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) evaluation.push(...(await folds(facts, random, context)));
  const without = [];
  for (const fact of facts) without.push(await gramWithout(fact, all, context.instruments));
  return { ...samples, selection, evaluation, without };
}

/** One seeded partition of the facts, each part held out once. */
async function folds(
  facts: readonly FactMoments[],
  random: () => number,
  { model: { width }, instruments }: Aggregation,
): Promise<Fold[]> {
  const order = shuffled(facts, random);
  const count = Math.min(FOLDS, facts.length);
  const out: Fold[] = [];
  for (let part = 0; part < count; part++) {
    const train = order.filter((_, i) => i % count !== part);
    const test = order.filter((_, i) => i % count === part);
    const { gram, mean } = await centredMoments(train, width, instruments);
    out.push({ train: gram, test: await gramAbout(mean, test, width, instruments) });
  }
  return out;
}
