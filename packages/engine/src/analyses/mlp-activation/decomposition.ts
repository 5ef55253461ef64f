import { Matrix } from "ml-matrix";
import { hookName } from "../../hooks/hook-points.ts";
import { identifiable, symmetricEigenvalues } from "../../math/least-squares.ts";
import { seededRandom } from "../../math/random.ts";
import { studentQuantile } from "../../math/statistics.ts";
import type { DecompositionReport, HeadWeight, InterceptReport, WeightLabel } from "../../results/report.ts";
import { type Aggregation, defineAnalysis } from "../analysis.ts";
import { chooseLambda, type Fit, type Fold, factFolds, fit, heldOutR2 } from "./fit.ts";
import { readIntercept } from "./intercept.ts";
import { type CentredMoments, centredMoments, type FactMoments, factMoments } from "./moments.ts";

interface Measurement {
  moments: FactMoments;
  /** Sum over prompts of the final norm's scale. */
  scales: number;
}
export interface DecompositionsReport {
  decompositions: DecompositionReport[];
  intercepts: InterceptReport[];
}

const MIN_CLUSTERS = 12;
const MAX_CONDITION = 1e6;
const FOLDS = 5;
const REPEATS = 5;

/**
 * The MLP as activation: m_n = sum_k w_k x_{n,k} + b + e_n over the prompts of a task, with scalar w_k shared by prompts and coordinates and
 * one vector b (the task-aware intercept). The residual stream then carries (1 + w_k) x_k: more than 1 amplified, 0 erased. Regressors: R1
 * the layer's own heads, R2 all heads up to it. Within estimator per coordinate; b = mean m - sum w mean x; ridge (by facts held out) when
 * there are more regressors than facts or they are collinear; errors clustered by fact.
 */
export const decomposition = defineAnalysis<Measurement, DecompositionsReport>({
  id: "mlp-decomposition",
  title: "MLP decomposition",
  mechanism: "MLP activation",
  summary:
    "How much of each head's output the following MLP erases or amplifies, and what it adds to every prompt of the task.",

  passes: ({ tokens }, { model }) => [
    {
      tokens,
      capture: Array.from({ length: model.layers }, (_, layer) => [
        { hook: hookName("attn.hook_result", layer), positions: "last" as const },
        { hook: hookName("hook_mlp_out", layer), positions: "last" as const },
      ])
        .flat()
        .concat({ hook: hookName("hook_resid_post", model.layers - 1), positions: "last" }),
    },
  ],

  async measure({ prompts }, results, context) {
    const { layers, heads, width, norm } = context.model;
    let scales = 0;
    const columns = prompts.map((_, i) => {
      const { captures } = results[i]![0]!;
      const own = new Float32Array((layers * heads + layers) * width);
      for (let layer = 0; layer < layers; layer++) {
        own.set(captures.get(hookName("attn.hook_result", layer))!, layer * heads * width);
        own.set(captures.get(hookName("hook_mlp_out", layer))!, (layers * heads + layer) * width);
      }
      scales += context.instruments.scales(captures.get(hookName("hook_resid_post", layers - 1))!)[0]!;
      if (norm.kind === "layernorm") centre(own, width);
      return own;
    });
    return { moments: await factMoments(columns, width, context.instruments), scales };
  },

  async aggregate(measurements, context) {
    const { layers, heads, width } = context.model;
    const facts = measurements.map(({ moments }) => moments);
    if (facts.length === 0) return { decompositions: [], intercepts: [] };
    const all = await centredMoments(facts, width, context.instruments);
    const random = seededRandom(`decomposition ${context.settings.seed}`);
    const selection = await folds(facts, random, context);
    const evaluation: Fold[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++)
      evaluation.push(...(await folds(facts, random, context)));
    const scale = measurements.reduce((sum, { scales }) => sum + scales, 0) / all.prompts;
    const decompositions: DecompositionReport[] = [];
    const intercepts: InterceptReport[] = [];
    for (const regressors of ["R1", "R2"] as const) {
      for (let layer = 0; layer < layers; layer++) {
        const first = regressors === "R1" ? layer * heads : 0;
        const columns = Array.from({ length: (layer + 1) * heads - first }, (_, i) => first + i);
        const target = layers * heads + layer;
        const lambda = needsRidge(all, columns, facts.length) ? ridge(selection, columns, target) : null;
        const fitted = fit(facts, all, columns, target, lambda);
        const mean = meanOf(all, target);
        const intercept = Float64Array.from(mean);
        for (const [i, column] of columns.entries()) {
          const weight = fitted.weights[i] ?? 0;
          const own = meanOf(all, column);
          for (let d = 0; d < width; d++) intercept[d]! -= weight * own[d]!;
        }
        const held = heldOutR2(evaluation, columns, target, lambda);
        decompositions.push(
          report(layer, regressors, columns, fitted, held, facts, all, target, intercept, context),
        );
        intercepts.push(await readIntercept(layer, regressors, intercept, mean, scale, context));
      }
    }
    return { decompositions, intercepts };
  },
});

async function folds(
  facts: readonly FactMoments[],
  random: () => number,
  { model, instruments }: Aggregation,
): Promise<Fold[]> {
  if (facts.length < 2) return [];
  return Promise.all(
    factFolds(facts.length, FOLDS, random).map(async (test) => ({
      train: await centredMoments(
        facts.filter((_, i) => !test.includes(i)),
        model.width,
        instruments,
      ),
      test: test.map((i) => facts[i]!),
    })),
  );
}

/** More regressors than clusters, or a nearly singular standardised Gram. */
function needsRidge(all: CentredMoments, columns: readonly number[], clusters: number): boolean {
  if (columns.length > clusters) return true;
  const gram = new Matrix(columns.length, columns.length);
  for (const [i, a] of columns.entries())
    for (const [j, b] of columns.entries()) gram.set(i, j, all.gram[a * all.columns + b]!);
  const kept = identifiable(gram);
  const standard = gram.selection(kept, kept);
  const scale = kept.map((k) => Math.sqrt(gram.get(k, k)));
  for (let i = 0; i < kept.length; i++)
    for (let j = 0; j < kept.length; j++) standard.set(i, j, standard.get(i, j) / (scale[i]! * scale[j]!));
  return kept.length > 1 && conditionOf(standard) > MAX_CONDITION;
}

function conditionOf(symmetric: Matrix): number {
  const values = symmetricEigenvalues(symmetric);
  const smallest = Math.min(...values);
  return smallest > 0 ? Math.max(...values) / smallest : Number.POSITIVE_INFINITY;
}

/** Fewer than two facts leave nothing to hold out: the smallest penalty that makes the fit defined. */
const ridge = (selection: readonly Fold[], columns: readonly number[], target: number): number =>
  selection.length ? chooseLambda(selection, columns, target) : 1e-6;

const meanOf = ({ mean, width }: CentredMoments, column: number): Float64Array =>
  mean.subarray(column * width, (column + 1) * width);

function report(
  layer: number,
  regressors: "R1" | "R2",
  columns: readonly number[],
  fitted: Fit,
  held: ReturnType<typeof heldOutR2>,
  facts: readonly FactMoments[],
  all: CentredMoments,
  target: number,
  intercept: Float64Array,
  { model }: Aggregation,
): DecompositionReport {
  const within = all.gram[target * all.columns + target]!;
  const mean = meanOf(all, target).reduce((sum, value) => sum + value * value, 0) * all.prompts;
  const error = (1 - (fitted.r2Within ?? 0)) * within;
  return {
    layer,
    regressors,
    pooling: "P1",
    centred: model.norm.kind === "layernorm",
    lambda: fitted.lambda,
    rank: fitted.rank,
    condition: fitted.condition,
    r2Within: fitted.r2Within,
    r2Uncentred: within + mean > 0 ? 1 - error / (within + mean) : null,
    r2Mean: within + mean > 0 ? mean / (within + mean) : null,
    r2HeldOut: held.folds ? held : { ...held, reason: "fewer than two known facts" },
    weights: columns.map((column, i) =>
      headWeight(column, fitted.weights[i]!, fitted.standardErrors[i]!, facts.length, model.heads),
    ),
    interceptNorm: Math.sqrt(intercept.reduce((sum, value) => sum + value * value, 0)),
    ...(fitted.r2Within === null && { reason: "the MLP's output does not vary over the prompts" }),
  };
}

function headWeight(
  column: number,
  weight: number | null,
  error: number | null,
  clusters: number,
  heads: number,
): HeadWeight {
  const enough = clusters >= MIN_CLUSTERS && weight !== null && error !== null;
  const reach = enough ? studentQuantile(clusters - 1) * error : null;
  const [low, high] = reach === null ? [null, null] : [weight! - reach, weight! + reach];
  const layer = Math.floor(column / heads);
  const head = column % heads;
  return {
    layer,
    head,
    label: `L${layer}H${head}`,
    weight,
    low,
    high,
    standardError: enough ? error : null,
    identifiable: weight !== null,
    verdict: weight === null ? "not identifiable" : verdict(low, high),
  };
}

/** By the interval of w: above 0 amplified; below 0 and 1 + w around 0 erased; within (-1, 0) damped; below -1 inverted. */
export function verdict(low: number | null, high: number | null): WeightLabel {
  if (low === null || high === null) return "no evidence";
  if (low > 0) return "amplified";
  if (high >= 0) return "no evidence";
  if (high < -1) return "inverted";
  return low <= -1 ? "erased" : "damped";
}

/** Takes each vector's mean over its coordinates away: the part a LayerNorm does not see. */
function centre(vectors: Float32Array, width: number): void {
  for (let at = 0; at < vectors.length; at += width) {
    let mean = 0;
    for (let i = at; i < at + width; i++) mean += vectors[i]! / width;
    for (let i = at; i < at + width; i++) vectors[i]! -= mean;
  }
}
