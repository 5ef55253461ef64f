import { headPositionSweepFigures } from "../../figures/head-position-sweep.ts";
import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import type { PatchEffect } from "../../results/activation-patching.ts";
import type { Estimate } from "../../results/estimate.ts";
import type {
  HeadPositionSweepReport,
  ScreenReason,
  SweptPlace,
  SweptPosition,
} from "../../results/head-position-sweep.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import {
  CLEAN_AND_CORRUPTED,
  isFinding,
  isFound,
  pairsReport,
  patchEffects,
  patchedArrays,
  placeQuotients,
  RatioTest,
  usable,
} from "./activation-patching-effects.ts";
import { drawPairs, type Pair } from "./activation-patching-pairs.ts";
import { type PatchedPair, patchLocated } from "./activation-patching-sweep.ts";
import { auditWarnings, screenReport } from "./head-position-audit.ts";
import { asPatch, onGrid, type PlaceGrid, placeGrid } from "./head-position-places.ts";
import { choosePlaces, screenPairs } from "./head-position-screen.ts";
import { locateSwept, sweptPositions } from "./swept-positions.ts";
import { MIN_EFFECT } from "./thresholds.ts";

/**
 * Activation patching of every head's z at every position from the subject on, under subject corruption, both directions, metric
 * logit(answer) - logit(donor's answer). Before the subject both runs are the same, so that every effect there is exactly 0. With `sweepMode`
 * SCREENED gradients estimate all places first and only those that could matter, and a random sample of the others, are patched.
 */
export const headPositionSweep = defineFurther<HeadPositionSweepReport>({
  id: "head-position-sweep",
  title: "Activation patching of every head at every position",
  mechanism: "argument passing",
  summary: "Which heads carry the subject at which position, from the subject to the last token.",
  corruption: "SUBJECT",
  standard: false,
  figures: headPositionSweepFigures,

  async run(context) {
    const { model, settings } = context;
    const { pairs, drops } = drawPairs("SUBJECT", context);
    const grid = placeGrid(pairs, model);
    const test = new RatioTest(context, grid.places.length);
    const screen = settings.sweepMode === "SCREENED" ? await screenPlaces(pairs, grid, test, context) : null;
    const measured = screen ? [...screen.chosen.keys()].sort((a, b) => a - b) : grid.live;
    const patches = await patchLocated(
      pairs,
      measured.map((place) => asPatch(grid.places[place]!)),
      locateSwept,
      screen ? { ...context, progress: (done, total) => context.progress(total + done, 2 * total) } : context,
    );
    const patched = onGrid(patches, measured, grid, pairs);
    const used = usable(patched);
    const exact = new Set(grid.places.keys());
    if (screen) for (const place of grid.live) if (!screen.chosen.has(place)) exact.delete(place);
    const effects = effectsOn([...exact], used, test, screen, context);
    const places = grid.places.map((place, i): SweptPlace => {
      const effect = effects.get(i);
      if (!effect) return { ...place, exact: false, estimate: screen!.estimates[i]! };
      return {
        ...place,
        exact: true,
        ...effect,
        mover: isFound(effect),
        chosenBy: screen?.chosen.get(i) ?? [],
        estimate: screen?.estimates[i] ?? null,
      };
    });
    const report = screen && screenReport(places, screen.candidates.length);
    const effectOf = (place: SweptPlace) => (place.exact ? place.effect.value! : 0);
    return {
      corruption: "SUBJECT",
      metric: "logit_diff",
      mode: settings.sweepMode,
      minEffect: MIN_EFFECT,
      ...pairsReport(patched, drops, context),
      beforeSubject: { effect: 0, reason: "both runs see the same tokens up to the subject" },
      positions: grid.positions.map((position) => ({ position, ...countOf(position, pairs, used) })),
      places,
      movers: places
        .filter((place) => place.exact && place.mover)
        .sort((a, b) => effectOf(b) - effectOf(a))
        .map(({ label }) => label),
      screen: report,
      arrays: arraysOf(patched, screen?.estimated ?? null, grid, context),
      warnings: report ? auditWarnings(report) : [],
    };
  },
});

interface Screen {
  /** `[fact][pair]`, over all places. */
  estimated: PatchedPair[][];
  /** By place. */
  estimates: Estimate[];
  /** Live places with an estimate. */
  candidates: number[];
  chosen: Map<number, ScreenReason[]>;
}

async function screenPlaces(
  pairs: readonly Pair[][],
  grid: PlaceGrid,
  test: RatioTest,
  context: FurtherContext,
): Promise<Screen> {
  const estimated = await screenPairs(pairs, grid, {
    ...context,
    progress: (done, total) => context.progress(done, 2 * total),
  });
  const used = usable(estimated);
  const estimates = grid.places.map((_, place) =>
    test.estimate(placeQuotients(used, place).effect, CLEAN_AND_CORRUPTED),
  );
  const candidates = grid.live.filter((place) => estimates[place]!.value !== null);
  const chosen = choosePlaces(estimates, candidates, context.settings.seed);
  return { estimated, estimates, candidates, chosen };
}

/**
 * Effects of the places given. q-values are over all places that can be tested: those that were not patched, and those whose effect is too
 * small or uncertain to be a finding, count with p = 1. So the false discovery rate holds among the findings themselves, and a screen changes no
 * q as long as it passes over no finding.
 */
function effectsOn(
  exact: readonly number[],
  used: readonly (readonly PatchedPair[])[],
  test: RatioTest,
  screen: Screen | null,
  context: FurtherContext,
): Map<number, PatchEffect> {
  const own = used.map((pairs) =>
    pairs.map((pair) => ({
      ...pair,
      noising: Float64Array.from(exact, (place) => pair.noising[place]!),
      denoising: Float64Array.from(exact, (place) => pair.denoising[place]!),
    })),
  );
  const effects = patchEffects(own, exact.length, context, test);
  const notPatched = new Set(screen?.candidates);
  for (const place of exact) notPatched.delete(place);
  // One fact gives no p-value, patched or not.
  const tests = [...notPatched].filter((place) => screen!.estimates[place]!.n >= 2).map(() => 1);
  const qValues = falseDiscoveryQ([
    ...effects.map(({ effect, pValue }) => (pValue === null || isFinding(effect) ? pValue : 1)),
    ...tests,
  ]);
  return new Map(exact.map((place, i) => [place, { ...effects[i]!, qValue: qValues[i]! }]));
}

function countOf(
  position: SweptPosition,
  pairs: readonly Pair[][],
  used: readonly (readonly PatchedPair[])[],
): { prompts: number; facts: number } {
  const usedPrompts = new Set(used.flat().map(({ prompt }) => prompt));
  const counts = pairs.map(
    (own) =>
      own.filter(({ prompt }) => usedPrompts.has(prompt.index) && sweptPositions(prompt).has(position))
        .length,
  );
  return {
    prompts: counts.reduce((total, n) => total + n, 0),
    facts: counts.filter((n) => n > 0).length,
  };
}

/** `[prompt, position, layer, head]` in logits; NaN where a place was not patched or the prompt lacks the position. */
function arraysOf(
  patched: readonly PatchedPair[][],
  estimated: readonly PatchedPair[][] | null,
  { positions }: PlaceGrid,
  { model }: FurtherContext,
): LabeledArray[] {
  const labels = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  const axes: LabeledArray["axes"] = [
    { dim: "position", labels: positions },
    { dim: "layer", labels: labels(model.layers) },
    { dim: "head", labels: labels(model.heads) },
  ];
  return [
    ...patchedArrays("head-position-sweep", patched, axes),
    ...(estimated ? patchedArrays("head-position-sweep.estimated", estimated, axes) : []),
  ];
}
