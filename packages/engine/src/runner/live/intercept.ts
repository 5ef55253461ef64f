import { EngineError } from "../../errors.ts";
import { inGroups } from "../../math/in-groups.ts";
import { centreRows, norm } from "../../math/vectors.ts";
import { execute } from "../../planner/execute.ts";
import type { LiveIntercept } from "../../results/live.ts";
import type { HeadWeight } from "../../results/report.ts";
import { MeanOutputs, outputCaptures, outputOf } from "../../sweeps/path-patching/component-outputs.ts";
import type { OpenModel } from "../open-model.ts";

export interface InterceptAsk {
  /** Tokens of the prompts that the decomposition was fitted to: those of the run's known facts. */
  prompts: readonly (readonly number[])[];
  /** The fit: layer of the MLP, and its weights. */
  layer: number;
  weights: readonly Pick<HeadWeight, "layer" | "head" | "weight">[];
  centred: boolean;
}

/** Prompts whose activations are held at once. */
const PROMPTS_PER_STEP = 16;

/** The intercept of a fit that is known by its weights: b = mean m - sum_k w_k mean x_k over the prompts, at the last position. */
export async function liveIntercept(
  { session }: OpenModel,
  { prompts, layer, weights, centred }: InterceptAsk,
  signal?: AbortSignal,
): Promise<LiveIntercept> {
  const { facts } = session.spec;
  if (prompts.length === 0) throw new EngineError("BAD_INPUT", "prompts of the intercept: none given");
  const layers = new Set([layer, ...weights.map((own) => own.layer)]);
  const capture = outputCaptures(facts).filter(({ hook }) => layers.has(Number(hook.split(".")[1])));
  const means = new MeanOutputs();
  for (const group of inGroups(prompts, PROMPTS_PER_STEP)) {
    const passes = group.map((tokens) => ({ tokens, capture }));
    for (const result of await execute(session, passes, { ...(signal && { signal }) })) means.add(result);
  }
  const mean = means.mean();
  const sum = Float64Array.from(outputOf({ kind: "mlp", layer }, mean, facts.width));
  for (const { weight, ...head } of weights) {
    if (weight === null) continue;
    const output = outputOf({ kind: "head", ...head }, mean, facts.width);
    for (let d = 0; d < facts.width; d++) sum[d]! -= weight * output[d]!;
  }
  const vector = Float32Array.from(sum);
  if (centred) centreRows(vector, facts.width);
  return { vector, norm: norm(vector), prompts: prompts.length };
}
