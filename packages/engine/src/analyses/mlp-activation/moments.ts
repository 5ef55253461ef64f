import type { Instruments } from "../instruments.ts";

/**
 * What one fact's prompts contribute to any fit, for columns = every head's result, then every MLP's output: sums of products of deviations
 * from the fact's own mean, contracted over d_model (`within` `[column, column]`), and that mean (`[column, d_model]`). Kept apart so that no
 * digits are lost to the mean; the activations are not needed again.
 */
export interface FactMoments {
  prompts: number;
  within: Float64Array;
  mean: Float64Array;
}

/** @param columns per prompt, `[column * d_model]` */
export async function factMoments(
  columns: readonly Float32Array[],
  width: number,
  instruments: Instruments,
): Promise<FactMoments> {
  const size = columns[0]!.length;
  const count = size / width;
  const mean = new Float64Array(size);
  for (const prompt of columns) for (let i = 0; i < size; i++) mean[i]! += prompt[i]! / columns.length;
  const inner = columns.length * width;
  // [column, prompt * d_model]: one product sums over prompts and coordinates at once.
  const stacked = new Float32Array(count * inner);
  for (const [p, prompt] of columns.entries()) {
    for (let c = 0; c < count; c++) {
      for (let i = 0; i < width; i++)
        stacked[c * inner + p * width + i] = prompt[c * width + i]! - mean[c * width + i]!;
    }
  }
  return {
    prompts: columns.length,
    within: Float64Array.from(await instruments.product(stacked, stacked, inner)),
    mean,
  };
}

/** Moments of several facts together, centred at their common mean: what a fit over them needs. */
export interface CentredMoments {
  prompts: number;
  columns: number;
  width: number;
  /** Sums of products of deviations from the mean, `[column, column]`. */
  gram: Float64Array;
  /** `[column, d_model]` */
  mean: Float64Array;
}

export async function centredMoments(
  facts: readonly FactMoments[],
  width: number,
  instruments: Instruments,
): Promise<CentredMoments> {
  const size = facts[0]!.mean.length;
  const columns = size / width;
  const prompts = facts.reduce((sum, fact) => sum + fact.prompts, 0);
  const mean = new Float64Array(size);
  for (const fact of facts)
    for (let i = 0; i < size; i++) mean[i]! += (fact.prompts / prompts) * fact.mean[i]!;
  const inner = facts.length * width;
  const between = new Float32Array(columns * inner);
  for (const [f, fact] of facts.entries()) {
    const weight = Math.sqrt(fact.prompts);
    for (let c = 0; c < columns; c++) {
      const at = c * width;
      for (let i = 0; i < width; i++)
        between[c * inner + f * width + i] = weight * (fact.mean[at + i]! - mean[at + i]!);
    }
  }
  const gram = Float64Array.from(await instruments.product(between, between, inner));
  for (const fact of facts) for (let i = 0; i < gram.length; i++) gram[i]! += fact.within[i]!;
  return { prompts, columns, width, gram, mean };
}

/**
 * A fact's deviations from the means of a fit, combined with weights v over `subset`: the sum over its prompts and coordinates of
 * (sum_c v_c (u_c - mean_c))^2, and the same with one column on one side, `[subset]` (the scores of a cluster-robust variance).
 */
export function deviations(
  fact: FactMoments,
  { mean, columns, width }: CentredMoments,
  subset: readonly number[],
  v: readonly number[],
) {
  const combined = new Float64Array(width);
  for (const [i, column] of subset.entries()) {
    if (v[i] === 0) continue;
    for (let d = 0; d < width; d++)
      combined[d]! += v[i]! * (fact.mean[column * width + d]! - mean[column * width + d]!);
  }
  const scores = new Float64Array(subset.length);
  let square = 0;
  for (const [i, column] of subset.entries()) {
    let within = 0;
    for (const [j, other] of subset.entries()) within += fact.within[column * columns + other]! * v[j]!;
    let between = 0;
    const at = column * width;
    for (let d = 0; d < width; d++) between += (fact.mean[at + d]! - mean[at + d]!) * combined[d]!;
    scores[i] = within + fact.prompts * between;
    square += v[i]! * scores[i]!;
  }
  return { square, scores };
}
