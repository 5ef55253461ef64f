import type { ModelFacts } from "../architectures/architecture.ts";
import { readRows } from "../checkpoints/read-tensor.ts";
import { EngineError } from "../errors.ts";
import { metricGraph } from "../graph/backward/block-graphs.ts";
import { type HookName, hookName, parseHookName } from "../hooks/hook-points.ts";
import { checkPass } from "../planner/check-pass.ts";
import { execute, throwIfCancelled } from "../planner/execute.ts";
import type { ForwardPass, PassResult } from "../planner/forward-pass.ts";
import type { ModelSession } from "../session/model-session.ts";
import {
  BackwardWave,
  FORWARD_POINTS,
  type ForwardRows,
  GRADIENT_POINTS,
  type GradientPoint,
} from "./backward-wave.ts";

/** One term of a metric: weight x logit(token) at the last position. */
export interface MetricTerm {
  token: number;
  weight: number;
}

export interface GradientPrompt {
  tokens: readonly number[];
  /** What is differentiated: the sum of these terms. */
  metric: readonly MetricTerm[];
  /** `[position, d_model]`: takes the place of blocks.0.hook_resid_pre (what the tokens and positions embed to). */
  embeddings?: Float32Array;
}

/** Arrays are `[position, ...dims of the hook]`, row-major. */
export interface GradientResult {
  metric: number;
  activations: ReadonlyMap<HookName, Float32Array>;
  /** Of the metric with respect to the hook: what an infinitesimal edit there changes, all later layers following. */
  gradients: ReadonlyMap<HookName, Float32Array>;
}

/** logit(answer) - logit(wrong). */
export const logitDifference = (answer: number, wrong: number): MetricTerm[] => [
  { token: answer, weight: 1 },
  { token: wrong, weight: -1 },
];

/** A model that answers passes and gradients; both stop when the run is cancelled. */
export interface DifferentiableModel {
  facts: ModelFacts;
  execute(passes: readonly ForwardPass[]): Promise<PassResult[]>;
  gradients(prompts: readonly GradientPrompt[], hooks: readonly HookName[]): Promise<GradientResult[]>;
}

export const differentiable = (session: ModelSession, signal?: AbortSignal): DifferentiableModel => ({
  facts: session.spec.facts,
  execute: (passes) => execute(session, passes, signal && { signal }),
  gradients: (prompts, hooks) => gradients(session, prompts, hooks, signal),
});

/** Bytes of forward activations held at once; one prompt may be larger. */
const MAX_BYTES = 2 ** 28;

/**
 * Gradients of each prompt's metric at the hooks, at all positions: one forward pass that keeps what the backward graphs start from, and
 * one backward pass. Prompts of equal length share both, as many as fit the memory. Results in the order of `prompts`.
 * @throws EngineError UNKNOWN_HOOK for a hook without gradients, BAD_INPUT naming the prompt
 */
export async function gradients(
  session: ModelSession,
  prompts: readonly GradientPrompt[],
  hooks: readonly HookName[],
  signal?: AbortSignal,
): Promise<GradientResult[]> {
  const { facts } = session.spec;
  const addresses = hooks.map((hook) => address(hook, facts));
  const lowest = Math.min(facts.layers - 1, ...addresses.map(({ layer }) => layer));
  const passes = prompts.map((prompt) => forwardPass(prompt, hooks, lowest, facts));
  for (const [i, prompt] of prompts.entries()) checkPrompt(prompt, i, passes, facts);
  const out = new Array<GradientResult>(prompts.length);
  for (const batch of batches(prompts, hooks.length, lowest, facts)) {
    throwIfCancelled(signal);
    const results = await execute(
      session,
      batch.map((i) => passes[i]!),
      signal && { signal },
    );
    const own = await backward(
      session,
      batch.map((i) => prompts[i]!),
      results,
      addresses,
      lowest,
      signal,
    );
    for (const [b, i] of batch.entries()) out[i] = own[b]!;
  }
  return out;
}

interface GradientAddress {
  hook: HookName;
  point: GradientPoint;
  layer: number;
}

function address(hook: HookName, facts: ModelFacts): GradientAddress {
  const { point, layer } = parseHookName(hook);
  const known = GRADIENT_POINTS.find((own) => own === point);
  if (known === undefined || layer === null || layer >= facts.layers) {
    throw new EngineError(
      "UNKNOWN_HOOK",
      `gradient at ${hook}: not available (allowed: ${GRADIENT_POINTS.map((own) => `blocks.{l}.${own}`).join(", ")}, layers 0 to ${facts.layers - 1})`,
    );
  }
  return { hook, point: known, layer };
}

function forwardPass(
  { tokens, embeddings }: GradientPrompt,
  hooks: readonly HookName[],
  lowest: number,
  facts: ModelFacts,
): ForwardPass {
  const { layers, width } = facts;
  const wanted = new Set(hooks);
  for (let layer = lowest; layer < layers; layer++)
    for (const point of FORWARD_POINTS) wanted.add(hookName(point, layer));
  wanted.add(hookName("hook_resid_post", layers - 1));
  return {
    tokens,
    capture: [...wanted].map((hook) => ({ hook, positions: "all" })),
    ...(embeddings && {
      edits: tokens.map((_, position) => ({
        hook: hookName("hook_resid_pre", 0),
        position,
        scale: 0,
        value: embeddings.subarray(position * width, (position + 1) * width),
      })),
    }),
  };
}

function checkPrompt(
  { tokens, metric, embeddings }: GradientPrompt,
  index: number,
  passes: readonly ForwardPass[],
  facts: ModelFacts,
): void {
  const bad = (message: string) => new EngineError("BAD_INPUT", message);
  if (embeddings && embeddings.length !== tokens.length * facts.width) {
    throw bad(
      `embeddings of pass ${index}: ${embeddings.length} numbers (expected ${tokens.length} positions x ${facts.width})`,
    );
  }
  checkPass(passes[index]!, index, passes, facts);
  if (metric.length === 0) throw bad(`metric of pass ${index}: no terms (at least one expected)`);
  for (const { token, weight } of metric) {
    if (!Number.isInteger(token) || token < 0 || token >= facts.vocabulary)
      throw bad(`metric token of pass ${index}: ${token} (allowed: 0 to ${facts.vocabulary - 1})`);
    if (!Number.isFinite(weight))
      throw bad(`metric weight of pass ${index}: ${weight} (a finite number expected)`);
  }
}

/** Places of prompts of equal length, as many as fit the memory. */
function batches(
  prompts: readonly GradientPrompt[],
  hooks: number,
  lowest: number,
  { layers, width, heads, kvHeads, headWidth }: ModelFacts,
): number[][] {
  const widest = Math.max(width, heads * headWidth);
  const perBlock = 2 * width + (heads + 2 * kvHeads) * headWidth;
  const perRow = 4 * ((layers - lowest) * perBlock + hooks * widest);
  const byLength = new Map<number, number[]>();
  for (const [i, { tokens }] of prompts.entries()) {
    const own = byLength.get(tokens.length);
    if (own) own.push(i);
    else byLength.set(tokens.length, [i]);
  }
  return [...byLength].flatMap(([length, own]) => {
    const size = Math.max(1, Math.floor(MAX_BYTES / (perRow * length)));
    return Array.from({ length: Math.ceil(own.length / size) }, (_, b) =>
      own.slice(b * size, (b + 1) * size),
    );
  });
}

async function backward(
  session: ModelSession,
  prompts: readonly GradientPrompt[],
  results: readonly PassResult[],
  addresses: readonly GradientAddress[],
  lowest: number,
  signal?: AbortSignal,
): Promise<GradientResult[]> {
  const { layers } = session.spec.facts;
  const length = prompts[0]!.tokens.length;
  const wave = new BackwardWave(session, prompts.length, length);
  const metrics = await startAtMetric(session, prompts, results, wave.residPost);
  const out = prompts.map(() => new Map<HookName, Float32Array>());
  for (let layer = layers - 1; layer >= lowest; layer--) {
    throwIfCancelled(signal);
    if (layer < layers - 1) wave.advance();
    await wave.step(layer, forwardRows(results, layer));
    for (const { hook, point, layer: own } of addresses) {
      if (own !== layer) continue;
      const all = wave.of(point);
      const size = all.length / prompts.length;
      for (const [b, map] of out.entries()) map.set(hook, all.slice(b * size, (b + 1) * size));
    }
  }
  return results.map(({ captures }, b) => ({
    metric: metrics[b]!,
    activations: new Map(addresses.map(({ hook }) => [hook, captures.get(hook)!])),
    gradients: out[b]!,
  }));
}

/** One layer's captures of all prompts, below each other. */
function forwardRows(results: readonly PassResult[], layer: number): ForwardRows {
  const stacked = (hook: HookName) => {
    const size = results[0]!.captures.get(hook)!.length;
    const all = new Float32Array(results.length * size);
    for (const [b, { captures }] of results.entries()) all.set(captures.get(hook)!, b * size);
    return all;
  };
  return Object.fromEntries(
    FORWARD_POINTS.map((point) => [point, stacked(hookName(point, layer))]),
  ) as ForwardRows;
}

/** Writes the gradient at the final residual stream into `target` `[rows, d_model]`: 0 but at last positions. @returns metrics */
async function startAtMetric(
  session: ModelSession,
  prompts: readonly GradientPrompt[],
  results: readonly PassResult[],
  target: Float32Array,
): Promise<Float32Array> {
  const { spec } = session;
  const { layers, width } = spec.facts;
  const table = session.tensor(spec.unembedding.weight);
  const dims = [prompts.length, width];
  const resid = new Float32Array(prompts.length * width);
  const direction = new Float32Array(prompts.length * width);
  for (const [b, { metric }] of prompts.entries()) {
    resid.set(results[b]!.captures.get(hookName("hook_resid_post", layers - 1))!.subarray(-width), b * width);
    const rows = await readRows(
      table,
      metric.map(({ token }) => token),
    );
    const total = new Float64Array(width);
    for (const [t, { weight }] of metric.entries())
      for (let d = 0; d < width; d++) total[d]! += weight * rows[t * width + d]!;
    direction.set(total, b * width);
  }
  const metrics = new Float32Array(prompts.length);
  const gradient = new Float32Array(prompts.length * width);
  await session.runGraph(
    "metric-backward",
    (graph, tensors) => metricGraph(graph, tensors, spec),
    { resid: { data: resid, dims }, direction: { data: direction, dims } },
    { metric: { data: metrics, dims: [prompts.length] }, d_resid: { data: gradient, dims } },
  );
  const size = target.length / prompts.length;
  for (let b = 0; b < prompts.length; b++)
    target.set(gradient.subarray(b * width, (b + 1) * width), (b + 1) * size - width);
  return metrics;
}
