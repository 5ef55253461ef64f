import { seededRandom, shuffled } from "../../math/random.ts";
import type { AuditedSet } from "../../results/attribution-audit.ts";

const TOP = 32;
const SAMPLE = 32;

/** Heads by place in layer-major order. */
export interface AuditedHeads {
  /** Size of a method's top: 32, or half of the heads where there are fewer than 64. */
  top: number;
  sets: Record<AuditedSet, number[]>;
}

/** Places of the `count` largest |values|, the largest first; ties in order of appearance. */
export const largestPlaces = (values: readonly number[], count: number): number[] =>
  values
    .map((_, i) => i)
    .sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b)
    .slice(0, count);

/**
 * The 32 heads of largest |attribution| and 32 others, drawn with a seed; every head where there are no more than 64. The heads come in one
 * random order: its first 32 are a random sample of all heads, and lie in the top or among its first 32 others, so that the unbiased sample
 * costs no passes of its own.
 */
export function chooseHeads(attribution: readonly number[], seed: number): AuditedHeads {
  const top = Math.min(TOP, Math.floor(attribution.length / 2));
  const inTop = new Set(largestPlaces(attribution, top));
  const order = shuffled(
    attribution.map((_, i) => i),
    seededRandom(`attribution audit ${seed}`),
  );
  const others = order.filter((head) => !inTop.has(head));
  const everything = others.length <= SAMPLE;
  const outside = everything ? others : others.slice(0, SAMPLE);
  const sorted = (heads: readonly number[]) => [...heads].sort((a, b) => a - b);
  return {
    top,
    sets: {
      MEASURED: sorted([...inTop, ...outside]),
      RANDOM: sorted(everything ? order : order.slice(0, SAMPLE)),
      OUTSIDE_TOP: sorted(outside),
    },
  };
}
