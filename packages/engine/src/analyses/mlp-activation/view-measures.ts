import { nestedSolver, residualSquares } from "../../math/least-squares.ts";
import type { Instruments } from "../instruments.ts";
import { type FactMoments, factMoments } from "./moments.ts";
import { againstOthers, type CandidateReader } from "./readouts.ts";
import type { Design } from "./regressors.ts";

/** Direct logit attributions: [centred, against the other candidates]. */
export type Gain = [number, number];

/** What one fact's prompts leave of a design; sums are over prompts. */
export interface DesignFact {
  moments: FactMoments;
  /** <mean column, direction>, `[column, candidate]`: logits times a scale. */
  projected: Float64Array;
  /** Sum of direct logit attributions under each prompt's frozen scale, `[column]`. */
  attribution: Gain[];
  /** Sum of 1 / scale. */
  inverseScales: number;
  /** Sum of the MLP norm's scale (ln designs), else the number of prompts. */
  lnScales: number;
  answer: number;
  /** Fits per prompt, `[family][problem]`; null where they were not asked for. */
  perPrompt: PromptFits[][] | null;
}

/** Fits of one problem to each prompt of a fact: sums over prompts. */
export interface PromptFits {
  weights: Float64Array;
  /** How many prompts told each weight. */
  observed: Float64Array;
  r2: number;
  r2Observed: number;
  regressors: Gain;
  intercept: Gain;
}

/** Penalty of one prompt's fit with as many regressors as heads: there are no facts to choose it on. */
export const PROMPT_LAMBDA = 1e-6;
const CONSTANT = 1e-12;

export interface MeasuredPrompt {
  columns: Float32Array;
  /** Final norm's scale, and that of the norm before the MLP of an ln design. */
  scale: number;
  lnScale: number;
}

export async function measureDesign(
  design: Design,
  prompts: readonly MeasuredPrompt[],
  answer: number,
  reader: CandidateReader,
  instruments: Instruments,
): Promise<DesignFact> {
  const { width } = reader;
  const [columns, candidates] = [design.labels.length, reader.tokens.length];
  const moments = await factMoments(
    prompts.map((prompt) => prompt.columns),
    width,
    instruments,
  );
  const projected = new Float64Array(columns * candidates);
  const attribution = Array.from({ length: columns }, (): Gain => [0, 0]);
  const perPrompt =
    design.scale === "raw"
      ? design.families.map((family) => family.map(({ regressors }) => noFits(regressors.length)))
      : null;
  const ones = gainOf(onesOf(reader), 0, answer, candidates);
  let [inverseScales, lnScales] = [0, 0];
  for (const prompt of prompts) {
    const read = await instruments.product(prompt.columns, reader.directions, width);
    for (let i = 0; i < read.length; i++) projected[i]! += read[i]! / prompts.length;
    const own = attribution.map((_, column) =>
      scaled(gainOf(read, column, answer, candidates), 1 / prompt.scale),
    );
    for (const [column, gain] of own.entries()) addTo(attribution[column]!, gain);
    inverseScales += 1 / prompt.scale;
    lnScales += prompt.lnScale;
    if (perPrompt)
      await fitPrompt(
        design,
        prompt.columns,
        own,
        scaled(ones, 1 / prompt.scale),
        perPrompt,
        width,
        instruments,
      );
  }
  return { moments, projected, attribution, inverseScales, lnScales, answer, perPrompt };
}

const noFits = (count: number): PromptFits => ({
  weights: new Float64Array(count),
  observed: new Float64Array(count),
  r2: 0,
  r2Observed: 0,
  regressors: [0, 0],
  intercept: [0, 0],
});

/** m_i = sum_k w_k x_{k,i} + a over the coordinates i of one prompt. */
async function fitPrompt(
  design: Design,
  columns: Float32Array,
  attribution: readonly Gain[],
  ones: Gain,
  out: readonly (readonly PromptFits[])[],
  width: number,
  instruments: Instruments,
): Promise<void> {
  const count = columns.length / width;
  const means = new Float64Array(count);
  const deviation = columns.slice();
  for (let column = 0; column < count; column++) {
    for (let d = 0; d < width; d++) means[column]! += columns[column * width + d]! / width;
    for (let d = 0; d < width; d++) deviation[column * width + d]! -= means[column]!;
  }
  const gram = {
    columns: count,
    values: Float64Array.from(await instruments.product(deviation, deviation, width)),
  };
  for (const [f, family] of design.families.entries()) {
    const weightsOf = nestedSolver(gram, family.at(-1)!.regressors);
    for (const [i, { regressors, target, set }] of family.entries()) {
      const total = gram.values[target * (count + 1)]!;
      const fits = out[f]![i]!;
      const weights = weightsOf(
        regressors.length,
        target,
        set === "R2" || set === "R4" ? PROMPT_LAMBDA : null,
      );
      const largest = Math.max(...regressors.map((column) => gram.values[column * (count + 1)]!));
      let intercept = means[target]!;
      for (const [k, column] of regressors.entries()) {
        if (gram.values[column * (count + 1)]! <= CONSTANT * largest) continue;
        fits.weights[k]! += weights[k]!;
        fits.observed[k]!++;
        intercept -= weights[k]! * means[column]!;
        addTo(fits.regressors, scaled(attribution[column]!, weights[k]!));
      }
      addTo(fits.intercept, scaled(ones, intercept));
      if (total > 0) {
        fits.r2 += 1 - residualSquares(gram, regressors, target, weights) / total;
        fits.r2Observed++;
      }
    }
  }
}

function onesOf({ tokens, directions, width }: CandidateReader): Float64Array {
  return Float64Array.from(tokens, (_, c) => {
    let total = 0;
    for (let d = 0; d < width; d++) total += directions[c * width + d]!;
    return total;
  });
}

/** Gains of a row of numbers per candidate. */
export function gainOf(values: ArrayLike<number>, row: number, answer: number, candidates: number): Gain {
  const own = Float64Array.from({ length: candidates }, (_, c) => values[row * candidates + c]!);
  return [own[answer]!, againstOthers(own, answer)];
}

export const scaled = ([centred, candidate]: Gain, factor: number): Gain => [
  centred * factor,
  candidate * factor,
];

export function addTo(sum: Gain, gain: Gain): void {
  sum[0] += gain[0];
  sum[1] += gain[1];
}
