import { seededRandom, shuffled } from "../../math/random.ts";
import type { Estimate } from "../../results/estimate.ts";
import type { Aggregation } from "../analysis.ts";

/** Nats: a change within +- this is none. */
export const DELTA = 0.05;

/** Half of the facts to choose on, half to report on. */
export function trainTest({ measured, settings }: Pick<Aggregation, "measured" | "settings">): boolean[] {
  const order = shuffled(
    measured.map((_, i) => i),
    seededRandom(`train test ${settings.seed}`),
  );
  const train = new Set(order.slice(0, Math.floor(order.length / 2)));
  return measured.map((_, i) => train.has(i));
}

export const isBelowZero = ({ high }: Estimate): boolean => high !== null && high < 0;
export const isAboveZero = ({ low }: Estimate): boolean => low !== null && low > 0;
