import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import { SIGN_FLIPS, SignFlip } from "../../math/sign-flip.ts";
import type { PatchEffect, PatchedPairs } from "../../results/activation-patching.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type { DropReport } from "../../tasks/counterfactuals/counterfactual.ts";
import { type Aggregation, SUFFICIENT_FACTS } from "../analysis.ts";
import type { PatchedPair } from "./activation-patching-sweep.ts";
import { MAX_Q, MIN_DENOMINATOR, MIN_EFFECT } from "./thresholds.ts";

type Statistics = Pick<Aggregation, "bootstrap" | "settings">;

/** Numbers of one fact's prompts that go into a ratio of means; prompts on which it was not observed are left out. */
export type Quotients = readonly (readonly { change: number; total: number }[])[];

/**
 * Ratio of means over prompts, sum(change) / sum(total), with its interval and p-value clustered by fact. `quotients[fact]`; null where the
 * mean total is too small to divide by.
 */
export class RatioTest {
  private readonly signFlips = new Map<string, SignFlip>();

  /**
   * @param family tests that the q-values are taken over: where 4999 flips cannot set one finding apart from so many, tests that no flip
   * contradicts go on until they could
   */
  constructor(
    private readonly context: Statistics,
    private readonly family = 0,
  ) {}

  estimate(quotients: Quotients, whatDiffers: string): Estimate {
    const problem = this.problem(quotients, whatDiffers);
    if (problem) return notObserved(problem);
    const sums = (key: "change" | "total") =>
      quotients.map((own) => own.reduce((sum, value) => sum + value[key], 0));
    return this.context.bootstrap.ratio(sums("change"), sums("total"));
  }

  /** Sign flips over facts of each fact's mean change; null where the ratio is. */
  pValue(quotients: Quotients, whatDiffers: string): number | null {
    if (this.problem(quotients, whatDiffers)) return null;
    const observed = quotients.filter((own) => own.length > 0);
    const means = observed.map((own) => own.reduce((sum, { change }) => sum + change, 0) / own.length);
    const p = this.signFlip(observed.length, SIGN_FLIPS).pValue(means);
    const needed = Math.ceil(this.family / MAX_Q);
    if (p === null || p > 1 / (1 + SIGN_FLIPS) || needed <= SIGN_FLIPS) return p;
    return this.signFlip(observed.length, needed).pValue(means);
  }

  private signFlip(facts: number, flips: number): SignFlip {
    const key = `${facts} ${flips}`;
    let test = this.signFlips.get(key);
    if (!test) {
      test = new SignFlip(facts, this.context.settings.seed, flips);
      this.signFlips.set(key, test);
    }
    return test;
  }

  private problem(quotients: Quotients, whatDiffers: string): string | null {
    const all = quotients.flat();
    if (all.length === 0) return "no usable pair";
    const mean = all.reduce((sum, { total }) => sum + total, 0) / all.length;
    return Math.abs(mean) <= MIN_DENOMINATOR ? `${whatDiffers} ${mean.toPrecision(2)} logits only` : null;
  }
}

export const CLEAN_AND_CORRUPTED = "clean and corrupted differ by";

/** What a patch changed at one place in each direction, and the mean of both, per fact. */
export function placeQuotients(
  patched: readonly (readonly PatchedPair[])[],
  place: number,
): Record<"noising" | "denoising" | "effect", Quotients> {
  const quotients = (change: (pair: PatchedPair) => number): Quotients =>
    patched.map((own) =>
      own
        .filter(({ noising }) => !Number.isNaN(noising[place]!))
        .map((pair) => ({ change: change(pair), total: pair.clean - pair.corrupted })),
    );
  const noise = (pair: PatchedPair) => pair.clean - pair.noising[place]!;
  const denoise = (pair: PatchedPair) => pair.denoising[place]! - pair.corrupted;
  return {
    noising: quotients(noise),
    denoising: quotients(denoise),
    effect: quotients((pair) => (noise(pair) + denoise(pair)) / 2),
  };
}

/** Normalised effects of every place; `patched[fact]`. */
export function patchEffects(
  patched: readonly (readonly PatchedPair[])[],
  places: number,
  context: Statistics,
  test = new RatioTest(context),
): PatchEffect[] {
  const effects = Array.from({ length: places }, (_, place) => {
    const { noising, denoising, effect } = placeQuotients(patched, place);
    return {
      noising: test.estimate(noising, CLEAN_AND_CORRUPTED),
      denoising: test.estimate(denoising, CLEAN_AND_CORRUPTED),
      effect: test.estimate(effect, CLEAN_AND_CORRUPTED),
      pValue: test.pValue(effect, CLEAN_AND_CORRUPTED),
    };
  });
  const qValues = falseDiscoveryQ(effects.map(({ pValue }) => pValue));
  return effects.map((own, i) => ({ ...own, qValue: qValues[i] ?? null }));
}

/** Whether an effect is large and certain enough to be a finding in either direction, but for its q. */
export const isFinding = ({ value, low, high, n }: Estimate): boolean =>
  n >= SUFFICIENT_FACTS &&
  value !== null &&
  Math.abs(value) >= MIN_EFFECT &&
  low !== null &&
  high !== null &&
  low * high > 0;

/** Whether an effect counts as found: q < 0.05, interval above 0, at least 0.02, on at least 8 facts. */
export const isFound = ({ effect, qValue }: Pick<PatchEffect, "effect" | "qValue">): boolean =>
  isFinding(effect) && effect.value! > 0 && effect.low! > 0 && qValue !== null && qValue < MAX_Q;

/** A pair whose clean run does not prefer the answer has nothing to lose; it stays out of normalised effects. */
export const usable = <P extends { clean: number }>(patched: readonly (readonly P[])[]): P[][] =>
  patched.map((own) => own.filter(({ clean }) => clean > 0));

export function pairsReport(
  patched: readonly (readonly Pick<PatchedPair, "prompt" | "clean" | "corrupted">[])[],
  { dropped }: Pick<DropReport, "dropped">,
  { bootstrap, settings }: Statistics,
): PatchedPairs {
  const used = usable(patched);
  const mean = (key: "clean" | "corrupted") =>
    bootstrap.ratio(
      used.map((own) => own.reduce((sum, pair) => sum + pair[key], 0)),
      used.map((own) => own.length),
      "no usable pair",
    );
  const reversed = patched
    .flat()
    .filter(({ clean }) => clean <= 0)
    .map(({ prompt }) => ({ prompt, reason: "the clean run prefers the counterfactual's answer" }));
  return {
    promptsPerFact: settings.sweepPrompts,
    pairs: used.flat().length,
    excludedPairs: [...dropped, ...reversed].sort((a, b) => a.prompt - b.prompt),
    cleanMetric: mean("clean"),
    corruptedMetric: mean("corrupted"),
  };
}

/** Logit differences of the patched runs, `[prompt, ...axes]`, all pairs. */
export const patchedArrays = (
  name: string,
  patched: readonly (readonly PatchedPair[])[],
  axes: LabeledArray["axes"],
): LabeledArray[] => {
  const rows = patched.flat();
  return (["noising", "denoising"] as const).map((direction) => ({
    name: `${name}.${direction}`,
    unit: "logit",
    axes: [{ dim: "prompt", labels: rows.map(({ prompt }) => String(prompt)) }, ...axes],
    values: Float32Array.from(rows.flatMap((row) => [...row[direction]])),
  }));
};
