import { ratios } from "../math/fact-bootstrap.ts";
import { Resampler } from "../math/resampler.ts";
import { quantiles } from "../math/statistics.ts";
import type { DepthProfile } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { RunReport } from "../results/report.ts";
import { type EffectPair, effectPairs, factTotals, headEffects, headSums } from "./run-facts.ts";

export interface Shape {
  layers: number;
  headsPerLayer: number;
}

const depthOf = (layer: number, layers: number): number => (layer + 0.5) / layers;

/**
 * Where in depth the mass of |effect| lies: curve over layers, heads of layer l at (l + 0.5) / L, and its centre with an interval over facts
 * (`samples` draws). Depth makes models of different sizes comparable; cells do not.
 */
export function depthProfile(
  report: RunReport,
  {
    samples = 2000,
    seed = 1,
    resampler = new Resampler(samples, seed),
  }: { samples?: number; seed?: number; resampler?: Resampler } = {},
): DepthProfile {
  const { layers, headsPerLayer } = report.argumentPassing;
  const shape = { layers, headsPerLayer };
  const effects = headEffects(report);
  const mass = "reason" in effects ? effects : layerMass(effects, shape);
  if ("reason" in mass)
    return { ...shape, curve: [], centreOfMass: notObserved(mass.reason), reason: mass.reason };
  let cumulative = 0;
  const curve = mass.map((share, layer) => {
    cumulative += share;
    return { layer, depth: depthOf(layer, layers), share, cumulative };
  });
  const value = curve.reduce((sum, { depth, share }) => sum + depth * share, 0);
  return {
    ...shape,
    curve,
    centreOfMass: { value, ...centreInterval(effectPairs(report), shape, resampler) },
  };
}

/** Share of the mass per layer. */
function layerMass(
  effects: readonly number[],
  { layers, headsPerLayer }: Shape,
): number[] | { reason: string } {
  const mass = new Array<number>(layers).fill(0);
  for (const [i, effect] of effects.entries()) mass[Math.floor(i / headsPerLayer)]! += Math.abs(effect);
  const total = mass.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return { reason: "no head has an effect" };
  return mass.map((own) => own / total);
}

function centreInterval(
  pairs: EffectPair[] | { reason: string },
  shape: Shape,
  resampler: Resampler,
): Omit<Estimate, "value"> {
  if ("reason" in pairs) return { low: null, high: null, n: 0, reason: pairs.reason };
  const facts = [...new Set(pairs.map(({ fact }) => fact))].sort();
  const none = { low: null, high: null, n: facts.length };
  if (facts.length < 2) return { ...none, reason: "one fact gives no interval" };
  const centres = centreReplicates(pairs, facts, shape, resampler).filter(Number.isFinite);
  if (centres.length === 0) return { ...none, reason: "no resample has an effect" };
  const [low, high] = quantiles(centres, [0.025, 0.975]) as [number, number];
  return { low, high, n: facts.length };
}

/** Centre of mass in every resample of the facts, `[sample]`; NaN where a resample has no mass. */
export function centreReplicates(
  pairs: readonly EffectPair[],
  facts: readonly string[],
  { layers, headsPerLayer }: Shape,
  resampler: Resampler,
): Float64Array {
  const { samples } = resampler;
  const [moment, mass] = [new Float64Array(samples), new Float64Array(samples)];
  const [total, ...changes] = resampler.totals([
    factTotals(pairs, facts),
    ...headSums(pairs, facts, layers * headsPerLayer),
  ]);
  for (const [head, change] of changes.entries()) {
    const depth = depthOf(Math.floor(head / headsPerLayer), layers);
    const effects = ratios(change, total!);
    for (let sample = 0; sample < samples; sample++) {
      const effect = Math.abs(effects[sample]!);
      moment[sample]! += depth * effect;
      mass[sample]! += effect;
    }
  }
  return moment.map((value, sample) => (mass[sample]! > 0 ? value / mass[sample]! : Number.NaN));
}

/** Area between two cumulative mass curves over depth 0-1; null where one was not observed. */
export function depthDistance(a: DepthProfile, b: DepthProfile): number | null {
  if (a.curve.length === 0 || b.curve.length === 0) return null;
  const steps = [
    ...a.curve.map(({ depth, share }) => ({ depth, change: share })),
    ...b.curve.map(({ depth, share }) => ({ depth, change: -share })),
  ].sort((x, y) => x.depth - y.depth);
  let [area, gap] = [0, 0];
  for (const [i, { depth, change }] of steps.entries()) {
    gap += change;
    area += Math.abs(gap) * ((steps[i + 1]?.depth ?? depth) - depth);
  }
  return area;
}
