import { collinearGroups, groupTotal } from "../../math/collinear-groups.ts";
import { residualSquares } from "../../math/least-squares.ts";
import type { HeldOutR2, ViewFit, ViewWeight } from "../../results/decomposition-views.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { Aggregation } from "../analysis.ts";
import { weightEstimate } from "./fact-weights.ts";
import { type Fit, fitFamilies, type HeldOut, heldOutScores, summary } from "./fit.ts";
import { type CentredMoments, centredMoments, type FactMoments } from "./moments.ts";
import { againstOthers, ONE_CANDIDATE } from "./readouts.ts";
import type { Design, ViewProblem } from "./regressors.ts";
import { cut, mergeParts, type Partitions, samplesOf } from "./samples.ts";
import { interceptGains, readMeans, typeGainOf } from "./type-gain.ts";
import { addTo, type DesignFact, type Gain, scaled } from "./view-measures.ts";

export interface ViewInput {
  design: Design;
  facts: readonly DesignFact[];
  /** Moments of each frame. */
  frames: readonly FactMoments[];
  partitions: Partitions;
  /** Frames in parts that are held out in turn. */
  frameParts: number[][];
  /** Mean of the final norm's scale over prompts. */
  scale: number;
  candidates: number;
  context: Aggregation;
}

/** A problem with its fit over the task; weights are per unit of the regressor as it was given (ln: times the mean scale). */
export interface TaskFit {
  problem: ViewProblem;
  fit: Fit;
  view: ViewFit;
  /** T2, in logits. */
  specificity: number;
}

export const CONSTANT_MLP = "the MLP's output does not vary over the prompts";

/** P1 fits of a design: one w and one vector b over all prompts of the task. */
export async function taskViews(input: ViewInput): Promise<TaskFit[]> {
  const { design, facts, frames, partitions, frameParts, context } = input;
  const { instruments, model } = context;
  const moments = facts.map((fact) => fact.moments);
  const all = await centredMoments(moments, model.width, instruments);
  const samples = await samplesOf(moments, all, partitions, model.width, instruments);
  const fits = await fitFamilies(design.families, samples);
  const byFrame = await heldOutScores(
    design.families,
    fits.map((own) => own.map(({ lambda }) => lambda !== null)),
    frameParts.length > 1 ? await mergeParts(frames, frameParts, model.width, instruments) : [],
    (train, tests) => cut(train, tests, model.width, instruments),
  );
  const read = facts.map((fact) => ({ ...fact, prompts: fact.moments.prompts }));
  const means = readMeans(read);
  const lnScale = facts.reduce((sum, fact) => sum + fact.lnScales, 0) / all.prompts;
  return design.families.flatMap((family, f) =>
    family.map((problem, i): TaskFit => {
      const fit = fits[f]![i]!;
      const own = interceptGains(means.all, problem, fit.weights, input.candidates);
      const perPrompt = facts.map((fact) => fact.moments.prompts / all.prompts);
      const meanOwn = facts.reduce((sum, { answer }, n) => sum + perPrompt[n]! * own[answer]!, 0);
      return {
        problem,
        fit,
        specificity: Math.abs(
          facts.reduce((sum, { answer }, n) => sum + perPrompt[n]! * (own[answer]! - meanOwn), 0) /
            input.scale,
        ),
        view: {
          ...collinearity(design, problem, fit),
          ...quality(problem, fit, all, facts.length),
          layer: problem.layer,
          regressors: problem.set,
          pooling: "P1",
          scale: design.scale,
          lambda: fit.lambda,
          r2HeldOutFrames: heldOut(summary(byFrame[f]![i]!), frames.length < 2 ? "one frame" : CONSTANT_MLP),
          weights: viewWeights(design, problem, fit, facts.length, lnScale),
          typeGain: typeGainOf(problem, fit, read, means, input.candidates, input.scale),
          parts: partsOf(problem, fit, own, facts, context),
        },
      };
    }),
  );
}

const heldOut = (scores: HeldOut, reason: string): HeldOutR2 =>
  scores.folds ? scores : { ...scores, reason };

function quality({ target, regressors }: ViewProblem, fit: Fit, all: CentredMoments, facts: number) {
  const within = all.gram.values[target * all.gram.columns + target]!;
  const mean = all.mean.subarray(target * all.width, (target + 1) * all.width);
  const ofMean = all.prompts * mean.reduce((sum, value) => sum + value * value, 0);
  const total = within + ofMean;
  const weights = Float64Array.from(fit.weights, (weight) => weight ?? 0);
  const explained = within > 0 ? within - residualSquares(all.gram, regressors, target, weights) : 0;
  return {
    r2Within: fit.r2Within,
    r2Uncentred: total > 0 ? (ofMean + explained) / total : null,
    r2Mean: total > 0 ? ofMean / total : null,
    r2HeldOutFacts: heldOut(fit.heldOut, facts < 2 ? "one known fact" : CONSTANT_MLP),
    ...(fit.r2Within === null && { reason: CONSTANT_MLP }),
  };
}

function collinearity({ labels }: Design, { regressors }: ViewProblem, fit: Fit) {
  const { spectrum, weights, rank, condition, inflation } = fit;
  const name = (place: number) => labels[regressors[place]!]!;
  const inflations = inflation.filter((value) => value !== null);
  return {
    count: regressors.length,
    rank,
    condition,
    maxVarianceInflation: inflations.length ? Math.max(...inflations) : null,
    constant: weights.flatMap((weight, k) => (weight === null ? [name(k)] : [])),
    collinear: collinearGroups(spectrum).map((group) => ({
      regressors: group.map(name),
      total: groupTotal(spectrum, group, weights),
    })),
  };
}

function viewWeights(
  design: Design,
  { regressors }: ViewProblem,
  fit: Fit,
  facts: number,
  lnScale: number,
): ViewWeight[] {
  const grouped = new Set(collinearGroups(fit.spectrum).flat());
  return regressors.map((column, k) => {
    const [weight, error] = [fit.weights[k]!, fit.standardErrors[k]!];
    const own = weightEstimate(
      weight === null ? null : weight / lnScale,
      error === null ? null : error / lnScale,
      facts,
    );
    const identifiable = weight !== null && !grouped.has(k);
    return {
      regressor: design.labels[column]!,
      ...own,
      varianceInflation: fit.inflation[k]!,
      identifiable,
      verdict: identifiable ? own.verdict : "not identifiable",
    };
  });
}

/** Splits the MLP's direct logit attribution; the intercept is read under each prompt's own frozen scale, like the rest. */
function partsOf(
  { regressors, target }: ViewProblem,
  { weights }: Fit,
  intercept: Float64Array,
  facts: readonly DesignFact[],
  context: Aggregation,
): ViewFit["parts"] {
  return partGains(
    facts.map((fact) => {
      const ofRegressors: Gain = [0, 0];
      for (const [k, column] of regressors.entries())
        addTo(ofRegressors, scaled(fact.attribution[column]!, weights[k] ?? 0));
      return {
        prompts: fact.moments.prompts,
        mlp: fact.attribution[target]!,
        regressors: ofRegressors,
        intercept: scaled(
          [intercept[fact.answer]!, againstOthers(intercept, fact.answer)],
          fact.inverseScales,
        ),
      };
    }),
    context,
  );
}

/** Sums over a fact's prompts of what the parts of the MLP's output do for the answer. */
export interface FactParts {
  prompts: number;
  mlp: Gain;
  regressors: Gain;
  intercept: Gain;
}

export function partGains(
  facts: readonly FactParts[],
  { bootstrap }: Pick<Aggregation, "bootstrap">,
): ViewFit["parts"] {
  const prompts = facts.map((fact) => fact.prompts);
  const estimate = (of: (fact: FactParts) => Gain, which: 0 | 1): Estimate => {
    const values = facts.map((fact) => of(fact)[which]);
    return values.some(Number.isNaN) ? notObserved(ONE_CANDIDATE) : bootstrap.ratio(values, prompts);
  };
  const both = (of: (fact: FactParts) => Gain) => ({ centred: estimate(of, 0), candidate: estimate(of, 1) });
  const rest = ({ mlp, regressors, intercept }: FactParts): Gain => [
    mlp[0] - regressors[0] - intercept[0],
    mlp[1] - regressors[1] - intercept[1],
  ];
  return {
    mlp: both(({ mlp }) => mlp),
    regressors: both(({ regressors }) => regressors),
    intercept: both(({ intercept }) => intercept),
    residual: both(rest),
  };
}
