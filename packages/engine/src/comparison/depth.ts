import { FactBootstrap } from "../math/fact-bootstrap.ts";
import { quantile } from "../math/statistics.ts";
import type { DepthProfile } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { RunReport } from "../results/report.ts";
import { type EffectPair, effectPairs, headEffects, sumsByFact } from "./run-facts.ts";

export interface Shape {
  layers: number;
  headsPerLayer: number;
}

const depthOf = (layer: number, layers: number): number => (layer + 0.5) / layers;

/**
 * Where in depth the mass of |effect| lies: curve over layers, heads of layer l at (l + 0.5) / L, and its centre with an interval over facts
 * (`samples` draws). Depth makes models of different sizes comparable; cells do not.
 */
export function depthProfile(report: RunReport, { samples = 2000, seed = 1 } = {}): DepthProfile {
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
    centreOfMass: { value, ...centreInterval(effectPairs(report), shape, samples, seed) },
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
  samples: number,
  seed: number,
): Omit<Estimate, "value"> {
  if ("reason" in pairs) return { low: null, high: null, n: 0, reason: pairs.reason };
  const facts = [...new Set(pairs.map(({ fact }) => fact))].sort();
  const none = { low: null, high: null, n: facts.length };
  if (facts.length < 2) return { ...none, reason: "one fact gives no interval" };
  const centres = centreReplicates(pairs, facts, shape, samples, seed).filter(Number.isFinite);
  if (centres.length === 0) return { ...none, reason: "no resample has an effect" };
  return { low: quantile(centres, 0.025), high: quantile(centres, 0.975), n: facts.length };
}

/** Centre of mass in every resample of the facts, `[sample]`; NaN where a resample has no mass. */
export function centreReplicates(
  pairs: readonly EffectPair[],
  facts: readonly string[],
  { layers, headsPerLayer }: Shape,
  samples: number,
  seed: number,
): Float64Array {
  const bootstrap = new FactBootstrap(facts.length, samples, seed);
  const [moment, mass] = [new Float64Array(samples), new Float64Array(samples)];
  const total = sumsByFact(pairs, facts, (pair) => ({ fact: pair.fact, value: pair.total })).sums;
  for (let head = 0; head < layers * headsPerLayer; head++) {
    const { sums } = sumsByFact(pairs, facts, (pair) => ({ fact: pair.fact, value: pair.changes[head]! }));
    const depth = depthOf(Math.floor(head / headsPerLayer), layers);
    for (const [sample, effect] of bootstrap.replicates(sums, total).entries()) {
      moment[sample]! += depth * Math.abs(effect);
      mass[sample]! += Math.abs(effect);
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
