import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import type { HookName } from "../hooks/hook-points.ts";
import { checkPass } from "../planner/check-pass.ts";
import type { ForwardPass } from "../planner/forward-pass.ts";
import type { ModelSession } from "../session/model-session.ts";
import { BackwardWave } from "./backward-wave.ts";
import { type GradientAddress, gradientAddress, isAfterAttention, lowestLayer } from "./gradient-points.ts";
import { checkMetric, differentiateMetrics, type MetricTerm } from "./metric.ts";
import { placesByLength } from "./pair-order.ts";
import { forwardPoints, Tape, type TapeOptions, type TapePrompt } from "./tape.ts";
import { evenParts, tapeShape } from "./tape-memory.ts";

export interface GradientPrompt extends TapePrompt {
  /** What is differentiated: the sum of these terms. */
  metric: readonly MetricTerm[];
}

/** Arrays are `[position, ...dims of the hook]`, row-major. */
export interface GradientResult {
  metric: number;
  activations: ReadonlyMap<HookName, Float32Array>;
  /** Of the metric with respect to the hook: what an infinitesimal edit there changes, all later layers following. */
  gradients: ReadonlyMap<HookName, Float32Array>;
}

export interface GradientOptions {
  signal?: AbortSignal;
  /** Bytes of activations held at once, without weights and results; 512 MB by default. One prompt may need more. */
  maxMemory?: number | undefined;
}

/**
 * Gradients of each prompt's metric at the hooks, at all positions: one forward pass that keeps what the backward graphs start from, and
 * one backward pass. Prompts of equal length share both, as many as fit the memory. Results in the order of `prompts`.
 * @throws EngineError UNKNOWN_HOOK for a hook without gradients, BAD_INPUT naming the prompt
 */
export async function gradients(
  session: ModelSession,
  prompts: readonly GradientPrompt[],
  hooks: readonly HookName[],
  { signal, maxMemory }: GradientOptions = {},
): Promise<GradientResult[]> {
  const { facts } = session.spec;
  const addresses = hooks.map((hook) => gradientAddress(hook, facts));
  const lowest = lowestLayer(addresses, facts);
  checkPrompts(prompts, facts);
  const wholeEnd = addresses.some(
    ({ point, layer }) => layer === facts.layers - 1 && isAfterAttention(point),
  );
  const out = new Array<GradientResult>(prompts.length);
  for (const own of placesByLength(prompts.map(({ tokens }) => tokens.length))) {
    const { length } = prompts[own[0]!]!.tokens;
    const demand = { count: own.length, length, rows: length, addresses, lowest, beside: 0 };
    const shape = tapeShape(session, demand, maxMemory);
    for (const batch of evenParts(own, shape.prompts)) {
      const options: TapeOptions = {
        from: 0,
        before: [],
        keep: keeping(addresses, lowest, facts),
        keepHidden: (layer) => shape.keepHidden && layer >= lowest,
        wholeEnd,
        ...(signal && { signal }),
      };
      const asked = batch.map((i) => prompts[i]!);
      const tape = await Tape.record(session, asked, options);
      const results = asked.map(() => ({ activations: new Map(), gradients: new Map() }));
      const metrics = await goBack(
        session,
        tape,
        asked,
        addresses,
        signal,
        ({ hook, point, layer }, gradient) => {
          const activations = tape.of(point, layer);
          for (const [b, result] of results.entries()) {
            result.activations.set(hook, promptsPart(activations, b, asked.length));
            result.gradients.set(hook, promptsPart(gradient, b, asked.length).slice());
          }
        },
      );
      for (const [b, i] of batch.entries()) out[i] = { metric: metrics[b]!, ...results[b]! };
    }
  }
  return out;
}

/**
 * The way back from a tape's metrics to the lowest of the hooks; `visit` sees each hook's gradient `[row, ...]` when it is there, and must not
 * keep it. @returns the metrics
 */
export async function goBack(
  session: ModelSession,
  tape: Tape,
  prompts: readonly { metric: readonly MetricTerm[] }[],
  addresses: readonly GradientAddress[],
  signal: AbortSignal | undefined,
  visit: (address: GradientAddress, gradient: Float32Array) => void,
): Promise<Float32Array> {
  const { facts } = session.spec;
  const lowest = lowestLayer(addresses, facts);
  const { metrics, gradient } = await differentiateMetrics(
    session,
    prompts.map(({ metric }) => metric),
    tape.final,
  );
  const wave = new BackwardWave(session, tape, gradient, signal);
  for (let layer = facts.layers - 1; layer >= lowest; layer--) {
    const own = addresses.filter((address) => address.layer === layer);
    await wave.step(layer === lowest && own.every(({ point }) => isAfterAttention(point)));
    for (const address of own) visit(address, wave.of(address.point));
  }
  return metrics;
}

/** What a tape has to keep for hooks from layer `lowest` on: themselves, and what their backward graphs start from. */
export const keeping = (
  addresses: readonly GradientAddress[],
  lowest: number,
  facts: ModelFacts,
): TapeOptions["keep"] => {
  const hooks = new Set(addresses.map(({ point, layer }) => `${point} ${layer}`));
  const forward: readonly string[] = forwardPoints(facts);
  return (point, layer) => (layer >= lowest && forward.includes(point)) || hooks.has(`${point} ${layer}`);
};

/** The array of one of `count` prompts. */
export function promptsPart(data: Float32Array, index: number, count: number): Float32Array {
  const size = data.length / count;
  return data.subarray(index * size, (index + 1) * size);
}

function checkPrompts(prompts: readonly GradientPrompt[], facts: ModelFacts): void {
  const passes: ForwardPass[] = prompts.map(({ tokens }) => ({ tokens }));
  for (const [i, { tokens, metric, embeddings }] of prompts.entries()) {
    if (embeddings && embeddings.length !== tokens.length * facts.width)
      throw new EngineError(
        "BAD_INPUT",
        `embeddings of pass ${i}: ${embeddings.length} numbers (expected ${tokens.length} positions x ${facts.width})`,
      );
    checkPass(passes[i]!, i, passes, facts);
    checkMetric(metric, i, facts.vocabulary);
  }
}
