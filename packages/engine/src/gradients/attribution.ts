import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { HOOK_POINTS, type HookName, hookName } from "../hooks/hook-points.ts";
import { checkPass } from "../planner/check-pass.ts";
import { execute } from "../planner/execute.ts";
import type { ForwardPass, PassResult } from "../planner/forward-pass.ts";
import { rowWidth } from "../planner/row-buffers.ts";
import type { ModelSession } from "../session/model-session.ts";
import {
  type GradientAddress,
  type GradientPoint,
  gradientAddress,
  isAfterAttention,
  lowestLayer,
} from "./gradient-points.ts";
import { type GradientOptions, goBack, keeping, promptsPart } from "./gradients.ts";
import { checkMetric, type MetricTerm } from "./metric.ts";
import { earliest, ofEqualLength, parting } from "./pair-order.ts";
import { ATTRIBUTION_PATCHING, type Quadrature, quadraturePoints } from "./quadrature.ts";
import { Tape } from "./tape.ts";
import { evenParts, tapeShape } from "./tape-memory.ts";

/** Two prompts of equal length and what is measured at their last position. */
export interface AttributionPair {
  clean: readonly number[];
  corrupted: readonly number[];
  metric: readonly MetricTerm[];
}

export interface Attribution {
  /** The metric of both runs. */
  clean: number;
  corrupted: number;
  /**
   * By hook, `[position, head]` (`[position]` for hooks without heads), in units of the metric: the gradient's estimate of what putting the
   * clean value into the corrupted run there adds to the metric.
   */
  scores: ReadonlyMap<HookName, Float64Array>;
}

export interface AttributionOptions extends GradientOptions {
  /** By default one gradient at the corrupted run (attribution patching); with more points integrated gradients (EAP-IG). */
  quadrature?: Quadrature;
  onProgress?: (done: number, total: number) => void;
}

/** The hook whose integrated gradients sum to metric(clean) - metric(corrupted) as steps grow (completeness); no other's do. */
export const INPUT_HOOK = hookName("hook_resid_pre", 0);

/**
 * Attribution of every cell of the hooks: (clean - corrupted) . gradient of the metric, both activations from unchanged runs, the gradient
 * averaged over inputs between the two prompts (edits of blocks.0.hook_resid_pre). Positions before the first difference of a pair have 0 and
 * are not computed, nor is what no gradient reaches in the last layer.
 * @throws EngineError BAD_PAIR naming the pair whose prompts differ in length, UNKNOWN_HOOK, BAD_INPUT naming the pair
 */
export async function attributions(
  session: ModelSession,
  pairs: readonly AttributionPair[],
  hooks: readonly HookName[],
  options: AttributionOptions = {},
): Promise<Attribution[]> {
  const { facts } = session.spec;
  const addresses = hooks.map((hook) => gradientAddress(hook, facts));
  checkPairs(pairs, session);
  const lowest = lowestLayer(addresses, facts);
  const between = isBetween(options.quadrature);
  const out = new Array<Attribution>(pairs.length);
  let done = 0;
  for (const group of ofEqualLength(pairs)) {
    const { length } = pairs[group[0]!]!.clean;
    const from = earliest(pairs, group);
    const shape = tapeShape(
      session,
      {
        count: group.length,
        length,
        rows: length - from,
        addresses: between ? [] : addresses,
        lowest,
        beside: capturedWidth(addresses, between, parting(pairs[group.at(-1)!]!) > 0, facts),
      },
      options.maxMemory,
    );
    for (const batch of evenParts(group, shape.prompts)) {
      const asked = batch.map((i) => pairs[i]!);
      const own = await attribute(
        session,
        asked,
        earliest(pairs, batch),
        addresses,
        shape.keepHidden,
        options,
      );
      for (const [b, i] of batch.entries()) out[i] = own[b]!;
      done += batch.length;
      options.onProgress?.(done, pairs.length);
    }
  }
  return out;
}

/** Numbers per position that the unchanged runs of a pair give, and those between them start from. */
function capturedWidth(
  addresses: readonly GradientAddress[],
  between: boolean,
  keys: boolean,
  facts: ModelFacts,
): number {
  const ofHooks = addresses.reduce((sum, { point }) => sum + rowWidth(point, facts), 0);
  // With the inputs of both runs and the one between them.
  const ofRuns = between ? 2 * ofHooks + 3 * facts.width : ofHooks;
  // Of all layers, and one layer's side by side.
  return ofRuns + (keys ? 2 * (facts.layers + 1) * rowWidth("attn.hook_k", facts) : 0);
}

/** Whether gradients are taken elsewhere than at the corrupted run. */
const isBetween = (quadrature = ATTRIBUTION_PATCHING): boolean =>
  quadraturePoints(quadrature).some((alpha) => alpha > 0);

function checkPairs(pairs: readonly AttributionPair[], { spec }: ModelSession): void {
  for (const [i, { clean, corrupted, metric }] of pairs.entries()) {
    if (clean.length !== corrupted.length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair ${i}: ${clean.length} clean and ${corrupted.length} corrupted tokens (must be equal: a position would mean two things)`,
      );
    }
    for (const tokens of [clean, corrupted]) checkPass({ tokens }, i, [], spec.facts);
    checkMetric(metric, i, spec.facts.vocabulary);
  }
}

/** One batch, its rows from position `from` on. */
async function attribute(
  session: ModelSession,
  pairs: readonly AttributionPair[],
  from: number,
  addresses: readonly GradientAddress[],
  keepHidden: boolean,
  { quadrature = ATTRIBUTION_PATCHING, signal }: AttributionOptions,
): Promise<Attribution[]> {
  const { facts } = session.spec;
  const lowest = lowestLayer(addresses, facts);
  const points = quadraturePoints(quadrature);
  // With the corrupted run's gradient alone the tape holds its activations; in between it holds those of no run.
  const between = isBetween(quadrature);
  const captured = between ? [...addresses, gradientAddress(INPUT_HOOK, facts)] : addresses;
  const passes = (which: "clean" | "corrupted", keys: boolean) =>
    pairs.map((pair) => unchanged(pair[which], pair.metric, captured, keys, facts));
  const asked = [...passes("clean", from > 0), ...(between ? passes("corrupted", false) : [])];
  const results = await execute(session, asked, signal && { signal });
  const runs = pairs.map((_, i) => ({ clean: results[i]!, corrupted: results[pairs.length + i] }));

  const out = pairs.map((pair, i) => ({
    clean: metricOf(pair, runs[i]!.clean),
    corrupted: Number.NaN,
    scores: new Map(
      addresses.map(({ hook, point }) => [hook, new Float64Array(pair.clean.length * cellsOf(point, facts))]),
    ),
  }));
  for (const alpha of points) {
    const prompts = pairs.map(({ corrupted }, i) => ({
      tokens: corrupted,
      ...(alpha > 0 && { embeddings: interpolated(runs[i]!, alpha) }),
    }));
    const tape = await Tape.record(session, prompts, {
      from,
      before: runs.map(({ clean }) => clean.captures),
      keep: keeping(between ? [] : addresses, lowest, facts),
      keepHidden: (layer) => keepHidden && layer >= lowest,
      wholeEnd: false,
      ...(signal && { signal }),
    });
    const metrics = await goBack(
      session,
      tape,
      pairs,
      addresses,
      signal,
      ({ hook, point, layer }, gradient) => {
        for (const [i, { clean, corrupted }] of runs.entries())
          addScores(
            out[i]!.scores.get(hook)!,
            clean.captures.get(hook)!,
            corrupted?.captures.get(hook) ?? promptsPart(tape.of(point, layer), i, pairs.length),
            promptsPart(gradient, i, pairs.length),
            (pairs[i]!.clean.length - parting(pairs[i]!)) * cellsOf(point, facts),
            rowWidth(point, facts) / cellsOf(point, facts),
            1 / points.length,
          );
      },
    );
    for (const [i, own] of out.entries())
      own.corrupted = runs[i]!.corrupted ? metricOf(pairs[i]!, runs[i]!.corrupted) : metrics[i]!;
  }
  return out;
}

/** A run of its own activations at the hooks, and with `keys` all that a run of the same beginning attends to. */
function unchanged(
  tokens: readonly number[],
  metric: readonly MetricTerm[],
  addresses: readonly GradientAddress[],
  keys: boolean,
  { layers }: ModelFacts,
): ForwardPass {
  const capture = new Map<HookName, "last" | "all">();
  for (const { hook, point, layer } of addresses)
    capture.set(hook, layer === layers - 1 && isAfterAttention(point) ? "last" : "all");
  if (keys)
    for (let layer = 0; layer < layers; layer++)
      for (const point of ["attn.hook_k", "attn.hook_v"] as const) capture.set(hookName(point, layer), "all");
  return {
    tokens,
    capture: [...capture].map(([hook, positions]) => ({ hook, positions })),
    query: { tokens: metric.map(({ token }) => token) },
  };
}

const metricOf = ({ metric }: AttributionPair, { queried }: PassResult): number =>
  metric.reduce((sum, { weight }, t) => sum + weight * queried![t]!, 0);

function interpolated({ corrupted, clean }: { clean: PassResult; corrupted?: PassResult }, alpha: number) {
  const [from, to] = [corrupted!.captures.get(INPUT_HOOK)!, clean.captures.get(INPUT_HOOK)!];
  return from.map((value, i) => value + alpha * (to[i]! - value));
}

function cellsOf(point: GradientPoint, facts: ModelFacts): number {
  const [axis] = HOOK_POINTS[point].dims;
  return axis === "head" ? facts.heads : axis === "kv_head" ? facts.kvHeads : 1;
}

/**
 * Adds share x (clean - corrupted) . gradient of each of the last `count` cells. The arrays end at the last position and may begin at different
 * ones; where one does not reach, the gradient is 0.
 */
function addScores(
  scores: Float64Array,
  clean: Float32Array,
  corrupted: Float32Array,
  gradient: Float32Array,
  count: number,
  width: number,
  share: number,
): void {
  const cells = Math.min(count, Math.min(clean.length, corrupted.length, gradient.length) / width);
  const starts = [clean, corrupted, gradient].map(({ length }) => length - cells * width);
  const [a, b, g] = starts as [number, number, number];
  for (let cell = 0; cell < cells; cell++) {
    let total = 0;
    for (let i = cell * width; i < (cell + 1) * width; i++)
      total += (clean[a + i]! - corrupted[b + i]!) * gradient[g + i]!;
    scores[scores.length - cells + cell]! += share * total;
  }
}
