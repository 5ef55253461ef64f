import { residualSquares, solve, spectrumOf } from "../../math/least-squares.ts";
import { shuffled } from "../../math/random.ts";
import { mean, quantile } from "../../math/statistics.ts";
import type { ShuffledFit } from "../../results/decomposition-views.ts";
import type { Instruments } from "../instruments.ts";
import { needsRidge } from "./fit.ts";
import type { Design, ViewProblem } from "./regressors.ts";

export const SHUFFLES = 999;
const ROUNDING = 1e-12;

/**
 * What weights and R2 come to when regressors have nothing to do with the MLP: the regressors of (fact, frame) are given to another fact and
 * another frame, facts and frames permuted as wholes, so that prompts of a fact stay as dependent as they are. With unequal numbers of
 * prompts per fact single prompts are permuted.
 * @param columns per fact and prompt, `[column * d_model]`
 */
export async function shuffledFits(
  design: Design,
  columns: readonly (readonly Float32Array[])[],
  lambdas: readonly (number | null)[],
  random: () => number,
  width: number,
  instruments: Instruments,
): Promise<ShuffledFit[]> {
  const prompts = columns.flat();
  const problems = design.families.map(([only]) => only!);
  const target = problems[0]!.target;
  if (columns.length < 2)
    return problems.map((problem) => notShuffled(problem, "one known fact: there is nothing to shuffle"));
  const used = [...new Set(problems.flatMap(({ regressors }) => regressors)), target];
  const centred = new Map(used.map((column) => [column, overPrompts(prompts, column, width)]));
  const orders = Array.from({ length: SHUFFLES }, () => permutation(columns, random));
  // Products of every column with the MLP's output, in order and for each shuffle.
  const m = centred.get(target)!;
  const cross = new Map<number, Float64Array>();
  for (const column of used) {
    const pairs = await instruments.product(centred.get(column)!, m, width);
    const sum = (order: (n: number) => number) => {
      let total = 0;
      for (let n = 0; n < prompts.length; n++) total += pairs[order(n) * prompts.length + n]!;
      return total;
    };
    cross.set(column, Float64Array.from([sum((n) => n), ...orders.map((order) => sum((n) => order[n]!))]));
  }
  const out: ShuffledFit[] = [];
  for (const [p, problem] of problems.entries())
    out.push(await shuffledFit(problem, design, centred, cross, lambdas[p]!, width, instruments));
  return out;
}

async function shuffledFit(
  problem: ViewProblem,
  design: Design,
  centred: ReadonlyMap<number, Float32Array>,
  cross: ReadonlyMap<number, Float64Array>,
  lambda: number | null,
  width: number,
  instruments: Instruments,
): Promise<ShuffledFit> {
  const { regressors, target, layer, set } = problem;
  const [count, inner] = [regressors.length + 1, centred.get(target)!.length];
  const stacked = new Float32Array(count * inner);
  for (const [k, column] of [...regressors, target].entries()) stacked.set(centred.get(column)!, k * inner);
  const gram = {
    columns: count,
    values: Float64Array.from(await instruments.product(stacked, stacked, inner)),
  };
  const total = gram.values.at(-1)!;
  if (total === 0) return notShuffled(problem, "the MLP's output does not vary over the prompts");
  const places = regressors.map((_, k) => k);
  const spectrum = spectrumOf(gram, places);
  const penalty = lambda ?? (needsRidge(spectrum, inner / width) ? 1e-6 : null);
  const runs = Array.from({ length: SHUFFLES + 1 }, (_, s) => {
    for (const [k, column] of regressors.entries()) {
      const value = gram.values[k * count + k] === 0 ? 0 : cross.get(column)![s]!;
      gram.values[k * count + count - 1] = gram.values[(count - 1) * count + k] = value;
    }
    const weights = solve(spectrum, count - 1, penalty);
    const own = Float64Array.from(weights, (weight) => weight ?? 0);
    return { weights, r2: 1 - residualSquares(gram, places, count - 1, own) / total };
  });
  const [observed, ...null_] = runs;
  const extreme = (value: number, others: readonly number[]) =>
    (1 + others.filter((other) => other >= value - 1e-9 * Math.abs(value)).length) / (1 + others.length);
  const r2 = null_.map((run) => run.r2);
  return {
    layer,
    regressors: set,
    shuffles: SHUFFLES,
    r2Within: observed!.r2,
    r2Shuffled: { mean: mean(r2), high: quantile(r2, 0.975) },
    pValue: extreme(observed!.r2, r2),
    weights: regressors.map((column, k) => {
      const weight = observed!.weights[k]!;
      const regressor = design.labels[column]!;
      if (weight === null) return { regressor, weight, low: null, high: null, pValue: null };
      const others = null_.map((run) => run.weights[k] ?? 0);
      return {
        regressor,
        weight,
        low: quantile(others, 0.025),
        high: quantile(others, 0.975),
        pValue: extreme(Math.abs(weight), others.map(Math.abs)),
      };
    }),
  };
}

const notShuffled = ({ layer, set }: ViewProblem, reason: string): ShuffledFit => ({
  layer,
  regressors: set,
  shuffles: 0,
  r2Within: null,
  r2Shuffled: null,
  pValue: null,
  weights: [],
  reason,
});

/** Deviations of one column from its mean over prompts, `[prompt, d_model]`; zero where they are rounding. */
function overPrompts(prompts: readonly Float32Array[], column: number, width: number): Float32Array {
  const average = new Float64Array(width);
  for (const prompt of prompts)
    for (let d = 0; d < width; d++) average[d]! += prompt[column * width + d]! / prompts.length;
  const out = new Float32Array(prompts.length * width);
  let [within, square] = [0, 0];
  for (const [n, prompt] of prompts.entries()) {
    for (let d = 0; d < width; d++) {
      const deviation = prompt[column * width + d]! - average[d]!;
      out[n * width + d] = deviation;
      within += deviation ** 2;
      square += prompt[column * width + d]! ** 2;
    }
  }
  return within <= ROUNDING * square ? out.fill(0) : out;
}

/** For each prompt the place of the prompt whose regressors it gets. */
function permutation(columns: readonly (readonly unknown[])[], random: () => number): Int32Array {
  const frames = columns[0]!.length;
  const order = (count: number) =>
    shuffled(
      Array.from({ length: count }, (_, i) => i),
      random,
    );
  if (columns.some((own) => own.length !== frames)) return Int32Array.from(order(columns.flat().length));
  const [facts, within] = [order(columns.length), order(frames)];
  return Int32Array.from(facts.flatMap((fact) => within.map((frame) => fact * frames + frame)));
}
