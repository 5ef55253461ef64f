import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { HOOK_POINTS, type HookName, hookName, parseHookName } from "../hooks/hook-points.ts";
import { hookWidth } from "../planner/check-pass.ts";
import type { DifferentiableModel, GradientPrompt, GradientResult, MetricTerm } from "./gradients.ts";
import { ATTRIBUTION_PATCHING, type Quadrature, quadraturePoints } from "./quadrature.ts";

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

/** The hook whose integrated gradients sum to metric(clean) - metric(corrupted) as steps grow (completeness); no other's do. */
export const INPUT_HOOK = hookName("hook_resid_pre", 0);

/** Activations and gradients held at once; one pair may be larger. */
const MAX_BYTES = 2 ** 27;

/**
 * Attribution of every cell of the hooks: (clean - corrupted) . gradient of the metric, both activations from unchanged runs, the gradient
 * averaged over inputs between the two prompts (edits of blocks.0.hook_resid_pre). By default one gradient at the corrupted run
 * (attribution patching); with more points integrated gradients (EAP-IG).
 * @throws EngineError BAD_PAIR naming the pair whose prompts differ in length
 */
export async function attributions(
  model: DifferentiableModel,
  pairs: readonly AttributionPair[],
  hooks: readonly HookName[],
  quadrature: Quadrature = ATTRIBUTION_PATCHING,
): Promise<Attribution[]> {
  for (const [i, { clean, corrupted }] of pairs.entries()) {
    if (clean.length !== corrupted.length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair ${i}: ${clean.length} clean and ${corrupted.length} corrupted tokens (must be equal: a position would mean two things)`,
      );
    }
  }
  const perRow = hooks.reduce((sum, hook) => sum + hookWidth(parseHookName(hook).point, model.facts), 0);
  const longest = Math.max(1, ...pairs.map(({ clean }) => clean.length));
  const size = Math.max(1, Math.floor(MAX_BYTES / (4 * 4 * perRow * longest)));
  const out: Attribution[] = [];
  for (let from = 0; from < pairs.length; from += size)
    out.push(...(await attribute(model, pairs.slice(from, from + size), hooks, quadrature)));
  return out;
}

type Activations = ReadonlyMap<HookName, Float32Array>;
interface End {
  metric: number;
  activations: Activations;
}

async function attribute(
  model: DifferentiableModel,
  pairs: readonly AttributionPair[],
  hooks: readonly HookName[],
  quadrature: Quadrature,
): Promise<Attribution[]> {
  const points = quadraturePoints(quadrature);
  const between = points.some((alpha) => alpha > 0);
  const captured = between && !hooks.includes(INPUT_HOOK) ? [...hooks, INPUT_HOOK] : hooks;
  const clean = await ends(model, pairs, "clean", captured);
  const prompts = pairs.map(({ corrupted, metric }): GradientPrompt => ({ tokens: corrupted, metric }));
  const unchanged = points.includes(0) ? await model.gradients(prompts, captured) : null;
  const corrupted: readonly End[] = unchanged ?? (await ends(model, pairs, "corrupted", captured));
  const scores = pairs.map(() => new Map<HookName, Float64Array>());
  for (const alpha of points) {
    const results: readonly GradientResult[] =
      alpha === 0
        ? unchanged!
        : await model.gradients(
            prompts.map((prompt, i) => ({
              ...prompt,
              embeddings: interpolated(corrupted[i]!.activations, clean[i]!.activations, alpha),
            })),
            hooks,
          );
    for (const [i, { gradients }] of results.entries()) {
      for (const hook of hooks) {
        const ends: [Activations, Activations] = [clean[i]!.activations, corrupted[i]!.activations];
        addScores(scores[i]!, hook, ends, gradients.get(hook)!, 1 / points.length, model.facts);
      }
    }
  }
  return pairs.map((_, i) => ({
    clean: clean[i]!.metric,
    corrupted: corrupted[i]!.metric,
    scores: scores[i]!,
  }));
}

async function ends(
  { execute }: DifferentiableModel,
  pairs: readonly AttributionPair[],
  which: "clean" | "corrupted",
  hooks: readonly HookName[],
): Promise<End[]> {
  const results = await execute(
    pairs.map((pair) => ({
      tokens: pair[which],
      capture: hooks.map((hook) => ({ hook, positions: "all" as const })),
      query: { tokens: pair.metric.map(({ token }) => token) },
    })),
  );
  return results.map(({ captures, queried }, i) => ({
    metric: pairs[i]!.metric.reduce((sum, { weight }, t) => sum + weight * queried![t]!, 0),
    activations: captures,
  }));
}

function interpolated(corrupted: Activations, clean: Activations, alpha: number): Float32Array {
  const [from, to] = [corrupted.get(INPUT_HOOK)!, clean.get(INPUT_HOOK)!];
  return from.map((value, i) => value + alpha * (to[i]! - value));
}

/** Adds share x (clean - corrupted) . gradient of every cell of a hook. */
function addScores(
  scores: Map<HookName, Float64Array>,
  hook: HookName,
  [clean, corrupted]: [Activations, Activations],
  gradient: Float32Array,
  share: number,
  facts: ModelFacts,
): void {
  const { point } = parseHookName(hook);
  const [axis] = HOOK_POINTS[point].dims;
  const cells = axis === "head" ? facts.heads : axis === "kv_head" ? facts.kvHeads : 1;
  const width = hookWidth(point, facts) / cells;
  const [a, b] = [clean.get(hook)!, corrupted.get(hook)!];
  const own = scores.get(hook) ?? new Float64Array(a.length / width);
  for (let cell = 0; cell < own.length; cell++) {
    let total = 0;
    for (let i = cell * width; i < (cell + 1) * width; i++) total += (a[i]! - b[i]!) * gradient[i]!;
    own[cell]! += share * total;
  }
  scores.set(hook, own);
}
