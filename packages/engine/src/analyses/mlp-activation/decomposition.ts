import { lastAttentionBefore } from "../../hooks/block-order.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { seededRandom } from "../../math/random.ts";
import { centreRows, dot, norm as lengthOf } from "../../math/vectors.ts";
import type { DecompositionReport, InterceptReport } from "../../results/report.ts";
import { defineAnalysis } from "../analysis.ts";
import { type Fit, fitFamilies, type Problem } from "./fit.ts";
import { headWeights } from "./head-weights.ts";
import { type Intercept, readIntercepts } from "./intercept.ts";
import { type CentredMoments, centredMoments, type FactMoments, factMoments } from "./moments.ts";
import { partitionsOf, samplesOf } from "./samples.ts";

interface Measurement {
  moments: FactMoments;
  /** Sum over prompts of the final norm's scale. */
  scales: number;
}
export interface DecompositionsReport {
  decompositions: DecompositionReport[];
  intercepts: InterceptReport[];
}

/**
 * The MLP as activation: m_n = sum_k w_k x_{n,k} + b + e_n over the prompts of a task, with scalar w_k shared by prompts and coordinates and
 * one vector b (the task-aware intercept). The residual stream then carries (1 + w_k) x_k: more than 1 amplified, 0 erased. Regressors: R1
 * the layer's own heads, R2 all heads up to it (in parallel blocks, whose MLP does not read its own layer's heads: those of the layer before, and all up to
 * that). Within estimator per coordinate; b = mean m - sum w mean x; ridge (by facts held out) when
 * there are more regressors than facts or they are collinear; errors clustered by fact. All layers share one Gram matrix.
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
    const size = (layers * heads + layers) * width;
    const all = new Float32Array(prompts.length * size);
    const columns = prompts.map((_, i) => {
      const { captures } = results[i]![0]!;
      const own = all.subarray(i * size, (i + 1) * size);
      for (let layer = 0; layer < layers; layer++) {
        own.set(captures.get(hookName("attn.hook_result", layer))!, layer * heads * width);
        own.set(captures.get(hookName("hook_mlp_out", layer))!, (layers * heads + layer) * width);
      }
      scales += context.instruments.scales(captures.get(hookName("hook_resid_post", layers - 1))!)[0]!;
      if (norm.kind === "layernorm") centreRows(own, width);
      return own;
    });
    return { moments: await factMoments(columns, width, context.instruments), scales };
  },

  async aggregate(measurements, context) {
    const { instruments, model } = context;
    const { layers, heads, width } = model;
    const facts = measurements.map(({ moments }) => moments);
    if (facts.length === 0) return { decompositions: [], intercepts: [] };
    const all = await centredMoments(facts, width, instruments);
    const partitions = partitionsOf(facts.length, seededRandom(`decomposition ${context.settings.seed}`));
    const samples = await samplesOf(facts, all, partitions, width, instruments);
    const scale = measurements.reduce((sum, { scales }) => sum + scales, 0) / all.prompts;
    // In parallel blocks the MLP of layer 0 reads no head.
    const fittable = Array.from({ length: layers }, (_, layer) => ({
      layer,
      attention: lastAttentionBefore(layer, model),
    })).filter(({ attention }) => attention >= 0);
    const problems = (firstOf: (attention: number) => number) =>
      fittable.map(({ layer, attention }): Problem & { layer: number } => {
        const first = firstOf(attention);
        return {
          layer,
          regressors: Array.from({ length: (attention + 1) * heads - first }, (_, i) => first + i),
          target: layers * heads + layer,
        };
      });
    const [own, before] = [problems((attention) => attention * heads), problems(() => 0)];
    const fitted = await fitFamilies([...own.map((one) => [one]), before], samples);
    const fits = [
      { regressors: "R1" as const, problems: own, fits: fitted.slice(0, own.length).flat() },
      { regressors: "R2" as const, problems: before, fits: fitted[own.length]! },
    ];
    const decompositions: DecompositionReport[] = [];
    const intercepts: Intercept[] = [];
    for (const { regressors, problems, fits: own } of fits) {
      for (const [i, fit] of own.entries()) {
        const problem = problems[i]!;
        const { layer } = problem;
        const mean = meanOf(all, problem.target);
        const intercept = interceptOf(problem, fit, all);
        decompositions.push({
          layer,
          regressors,
          pooling: "P1",
          centred: model.norm.kind === "layernorm",
          ...quality(problem, fit, all, facts.length),
          weights: headWeights(problem.regressors, fit, facts.length, heads),
          interceptNorm: lengthOf(intercept),
        });
        intercepts.push({ layer, regressors, intercept, mean });
      }
    }
    return { decompositions, intercepts: await readIntercepts(intercepts, scale, context) };
  },
});

const meanOf = ({ mean, width }: CentredMoments, column: number): Float64Array =>
  mean.subarray(column * width, (column + 1) * width);

/** b = mean m - sum_k w_k mean x_k. */
function interceptOf({ regressors, target }: Problem, { weights }: Fit, all: CentredMoments): Float64Array {
  const out = Float64Array.from(meanOf(all, target));
  for (const [i, column] of regressors.entries()) {
    const mean = meanOf(all, column);
    for (let d = 0; d < all.width; d++) out[d]! -= (weights[i] ?? 0) * mean[d]!;
  }
  return out;
}

function quality({ target }: Problem, fit: Fit, all: CentredMoments, facts: number) {
  const { lambda, rank, condition, r2Within, heldOut } = fit;
  const within = all.gram.values[target * all.gram.columns + target]!;
  const ofMean = dot(meanOf(all, target), meanOf(all, target)) * all.prompts;
  const total = within + ofMean;
  const constant = "the MLP's output does not vary over the prompts";
  return {
    lambda,
    rank,
    condition,
    r2Within,
    r2Uncentred: total > 0 ? (ofMean + (r2Within ?? 0) * within) / total : null,
    r2Mean: total > 0 ? ofMean / total : null,
    r2HeldOut: heldOut.folds ? heldOut : { ...heldOut, reason: facts < 2 ? "one known fact" : constant },
    ...(r2Within === null && { reason: constant }),
  };
}
