import type { GradientPrompt, GradientResult } from "../../gradients/gradients.ts";
import { logitDifference } from "../../gradients/metric.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { inGroups } from "../../math/in-groups.ts";
import { seededRandom, shuffled } from "../../math/random.ts";
import type { Estimate } from "../../results/estimate.ts";
import type { ScreenReason } from "../../results/head-position-sweep.ts";
import type { FurtherContext } from "../further.ts";
import type { Pair } from "./activation-patching-pairs.ts";
import type { PatchedPair } from "./activation-patching-sweep.ts";
import { largestPlaces } from "./attribution-audit-heads.ts";
import type { PlaceGrid } from "./head-position-places.ts";
import { sweptPositions } from "./swept-positions.ts";
import { MIN_EFFECT } from "./thresholds.ts";

/** Bytes of activations and gradients held at once; one pair may be larger. */
const MAX_BYTES = 2 ** 27;

/**
 * First-order estimates of every place's patched metric, from two gradients per pair: at the clean run for noising, at the corrupted run for
 * denoising. Noising: M_clean - (z_clean - z_corrupted) . dM/dz(clean); denoising: M_corrupted + (z_clean - z_corrupted) . dM/dz(corrupted).
 * In the form of the patches they estimate (logits), `[fact][pair]`, over all places of the grid; NaN where a prompt lacks the position.
 * Source: attribution patching (Nanda 2023; Syed et al. 2310.10348).
 */
export async function screenPairs(
  pairs: readonly (readonly Pair[])[],
  grid: PlaceGrid,
  context: Pick<FurtherContext, "model" | "gradients" | "progress">,
): Promise<PatchedPair[][]> {
  const { layers, heads, headWidth } = context.model;
  const hooks = Array.from({ length: layers }, (_, layer) => hookName("attn.hook_z", layer));
  const all = pairs.flatMap((own, fact) => own.map((pair) => ({ pair, fact })));
  const longest = Math.max(1, ...all.map(({ pair }) => pair.prompt.tokens.length));
  // Two runs of each pair, with activations and gradients.
  const perPair = 2 * 2 * 4 * layers * longest * heads * headWidth;
  const out: PatchedPair[][] = pairs.map(() => []);
  let done = 0;
  for (const group of inGroups(all, Math.max(1, Math.floor(MAX_BYTES / perPair)))) {
    const prompts = group.flatMap(({ pair: { prompt, counterfactual } }): GradientPrompt[] => {
      const metric = logitDifference(prompt.answerToken, counterfactual.wrongToken);
      return [
        { tokens: prompt.tokens, metric },
        { tokens: counterfactual.tokens, metric },
      ];
    });
    const results = await context.gradients(prompts, hooks);
    for (const [i, { pair, fact }] of group.entries())
      out[fact]!.push(estimatePair(pair, [results[2 * i]!, results[2 * i + 1]!], grid, context.model));
    done += group.length;
    context.progress(done, all.length);
  }
  return out;
}

function estimatePair(
  { prompt }: Pair,
  [clean, corrupted]: readonly [GradientResult, GradientResult],
  { positions, places }: PlaceGrid,
  { layers, heads, headWidth }: FurtherContext["model"],
): PatchedPair {
  const noising = new Float64Array(places.length).fill(Number.NaN);
  const denoising = new Float64Array(places.length).fill(Number.NaN);
  const own = sweptPositions(prompt);
  for (let layer = 0; layer < layers; layer++) {
    const hook = hookName("attn.hook_z", layer);
    const [a, b] = [clean.activations.get(hook)!, corrupted.activations.get(hook)!];
    const [atClean, atCorrupted] = [clean.gradients.get(hook)!, corrupted.gradients.get(hook)!];
    for (const [p, name] of positions.entries()) {
      const at = own.get(name);
      if (!at) continue;
      for (let head = 0; head < heads; head++) {
        let [lost, gained] = [0, 0];
        for (const position of at) {
          const from = (position * heads + head) * headWidth;
          for (let i = from; i < from + headWidth; i++) {
            const change = a[i]! - b[i]!;
            lost += change * atClean[i]!;
            gained += change * atCorrupted[i]!;
          }
        }
        const place = (p * layers + layer) * heads + head;
        noising[place] = clean.metric - lost;
        denoising[place] = corrupted.metric + gained;
      }
    }
  }
  return { prompt: prompt.index, clean: clean.metric, corrupted: corrupted.metric, noising, denoising };
}

/** The screen's top: 2 % of the places, at least 24 but no more than an eighth. It asks about what the intervals alone leave out. */
const topOf = (places: number) => Math.min(Math.max(24, Math.ceil(places / 50)), Math.ceil(places / 8));
/** Size of the audit: 5 % of the places passed over, at least 32; all where there are fewer. */
const auditOf = (places: number) => Math.min(Math.max(32, Math.ceil(places / 20)), places);

/**
 * Which places to patch exactly, and why: the largest |estimates|, every interval that reaches the movers' threshold in either direction, and
 * a random sample of the rest. The sample is drawn with the seed alone, so that what it says of the rest is unbiased.
 * @param estimates by place; candidates need a value
 */
export function choosePlaces(
  estimates: readonly Estimate[],
  candidates: readonly number[],
  seed: number,
): Map<number, ScreenReason[]> {
  const chosen = new Map<number, ScreenReason[]>();
  const choose = (place: number, reason: ScreenReason) =>
    chosen.set(place, [...(chosen.get(place) ?? []), reason]);
  const values = candidates.map((place) => estimates[place]!.value!);
  for (const at of largestPlaces(values, topOf(candidates.length))) choose(candidates[at]!, "TOP");
  for (const place of candidates) if (reaches(estimates[place]!)) choose(place, "INTERVAL");
  const rest = candidates.filter((place) => !chosen.has(place));
  const order = shuffled(rest, seededRandom(`sweep audit ${seed}`));
  for (const place of order.slice(0, auditOf(rest.length))) choose(place, "AUDIT");
  return chosen;
}

/** Whether an interval holds an effect that matters; a value without one stands for itself. */
const reaches = ({ value, low, high }: Estimate): boolean =>
  (high ?? value!) >= MIN_EFFECT || (low ?? value!) <= -MIN_EFFECT;
