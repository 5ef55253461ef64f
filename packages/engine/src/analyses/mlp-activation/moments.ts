import type { Gram } from "../../math/least-squares.ts";
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
  const { mean, within } = await instruments.moments(sideBySide(columns), columns[0]!.length / width, width);
  return { prompts: columns.length, within, mean };
}

/** Arrays of equal length as one: a view where they follow each other in memory already. */
function sideBySide(arrays: readonly Float32Array[]): Float32Array {
  const [first] = arrays;
  const { buffer, byteOffset, byteLength, length } = first!;
  if (arrays.every((own, i) => own.buffer === buffer && own.byteOffset === byteOffset + i * byteLength))
    return new Float32Array(buffer, byteOffset, arrays.length * length);
  const out = new Float32Array(arrays.length * length);
  for (const [i, own] of arrays.entries()) out.set(own, i * length);
  return out;
}

/** Moments of several facts together, about their common mean: what a fit over them needs. */
export interface CentredMoments {
  prompts: number;
  width: number;
  /** Zero for columns that vary by rounding only. */
  gram: Gram;
  /** `[column, d_model]` */
  mean: Float64Array;
}

/** Share of a column's sum of squares below which its deviations are the rounding of float32. */
const ROUNDING = 1e-12;

export async function centredMoments(
  facts: readonly FactMoments[],
  width: number,
  instruments: Instruments,
): Promise<CentredMoments> {
  const { prompts, within, mean } = await mergeMoments(facts, width, instruments);
  const gram = { columns: mean.length / width, values: within };
  dropColumns(gram, (c, own) => {
    let square = 0;
    for (let i = c * width; i < (c + 1) * width; i++) square += mean[i]! * mean[i]!;
    return own <= ROUNDING * prompts * square;
  });
  return { prompts, width, gram, mean };
}

/** Several facts as if they were one. */
export async function mergeMoments(
  facts: readonly FactMoments[],
  width: number,
  instruments: Instruments,
): Promise<FactMoments> {
  const prompts = facts.reduce((sum, fact) => sum + fact.prompts, 0);
  const mean = new Float64Array(facts[0]!.mean.length);
  const columns = mean.length / width;
  const between = new Float32Array(mean.length * facts.length);
  // Column by column, so that each is still in the cache when its deviations are taken.
  for (let c = 0; c < columns; c++) {
    for (const fact of facts) {
      const share = fact.prompts / prompts;
      const own = fact.mean;
      for (let i = c * width; i < (c + 1) * width; i++) mean[i]! += share * own[i]!;
    }
    deviate(between, facts, mean, c, width);
  }
  return { prompts, within: await sumOfProducts(between, facts, columns, instruments), mean };
}

/** Sums of products of the facts' deviations from a given mean. */
export async function gramAbout(
  mean: Float64Array,
  facts: readonly FactMoments[],
  width: number,
  instruments: Instruments,
): Promise<Gram> {
  const columns = mean.length / width;
  const between = new Float32Array(mean.length * facts.length);
  for (let c = 0; c < columns; c++) deviate(between, facts, mean, c, width);
  return { columns, values: await sumOfProducts(between, facts, columns, instruments) };
}

/** Writes one column of the facts' deviations from a mean, weighted: `[column, fact * d_model]`. */
function deviate(
  between: Float32Array,
  facts: readonly FactMoments[],
  mean: Float64Array,
  column: number,
  width: number,
): void {
  for (const [f, { mean: own, prompts }] of facts.entries()) {
    const weight = Math.sqrt(prompts);
    const shift = (column * (facts.length - 1) + f) * width;
    for (let i = column * width; i < (column + 1) * width; i++)
      between[i + shift] = weight * (own[i]! - mean[i]!);
  }
}

/** One product sums over facts and coordinates at once. */
async function sumOfProducts(
  between: Float32Array,
  facts: readonly FactMoments[],
  columns: number,
  instruments: Instruments,
): Promise<Float64Array> {
  const values = new Float64Array(await instruments.product(between, between, between.length / columns));
  for (const { within } of facts) for (let i = 0; i < values.length; i++) values[i]! += within[i]!;
  return values;
}

/** Share of a column's variation that a single fact must leave to the others for them to tell its weight. */
const LEFT = 1e-6;

/** The Gram matrix of all facts but one, about their own mean. */
export async function gramWithout(
  fact: FactMoments,
  { prompts, gram, mean, width }: CentredMoments,
  instruments: Instruments,
): Promise<Gram> {
  const deviation = new Float32Array(mean.length);
  for (let i = 0; i < mean.length; i++) deviation[i] = fact.mean[i]! - mean[i]!;
  const product = await instruments.product(deviation, deviation, width);
  const factor = (fact.prompts * prompts) / (prompts - fact.prompts);
  const values = new Float64Array(product.length);
  for (let i = 0; i < values.length; i++)
    values[i] = gram.values[i]! - fact.within[i]! - factor * product[i]!;
  const out = { columns: gram.columns, values };
  dropColumns(out, (c, own) => own <= LEFT * gram.values[c * gram.columns + c]!);
  return out;
}

/** Sets to zero the rows and columns that a rule finds constant. */
function dropColumns({ columns, values }: Gram, constant: (column: number, square: number) => boolean): void {
  for (let c = 0; c < columns; c++) {
    if (!constant(c, values[c * columns + c]!)) continue;
    for (let other = 0; other < columns; other++)
      values[c * columns + other] = values[other * columns + c] = 0;
  }
}
