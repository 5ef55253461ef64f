import { norm } from "../../math/vectors.ts";
import type { Estimate } from "../../results/estimate.ts";
import type { AnalysisContext, FactPrompts } from "../analysis.ts";
import type { FurtherContext } from "../further.ts";

/**
 * Whether each row's own candidate has the strictly largest direct logit of all candidates; a lead within rounding is a tie, and a tie is
 * wrong.
 * @param rows `[n, d_model]` @param rounding how long the error of each row may be @param own candidate of each row, by place
 */
export async function strictlyTop(
  rows: Float32Array,
  rounding: ArrayLike<number>,
  own: readonly number[],
  directions: Float32Array,
  { model: { width }, instruments }: Pick<AnalysisContext, "model" | "instruments">,
): Promise<boolean[]> {
  const count = directions.length / width;
  const scores = await instruments.product(rows, directions, width);
  const lengths = Array.from({ length: count }, (_, c) =>
    norm(directions.subarray(c * width, (c + 1) * width)),
  );
  const longest = Math.max(...lengths);
  return own.map((answer, i) =>
    leads(scores.subarray(i * count, (i + 1) * count), answer, rounding[i]! * longest),
  );
}

/** Whether a score is larger than all others by more than `margin`. */
export function leads(scores: ArrayLike<number>, own: number, margin: number): boolean {
  for (let c = 0; c < scores.length; c++) if (c !== own && scores[own]! - scores[c]! <= margin) return false;
  return true;
}

/** Mean over facts; null = the fact was not observed. */
export function overFacts(
  values: readonly (number | null)[],
  { bootstrap }: Pick<FurtherContext, "bootstrap">,
  unavailable?: string,
): Estimate {
  return bootstrap.ratio(
    values.map((value) => value ?? 0),
    values.map((value) => (value === null ? 0 : 1)),
    unavailable,
  );
}

/** 1 / candidates, and what a constant guess can reach: the most common answer's share of the measured facts where that is larger. */
export function guessing(
  measured: readonly FactPrompts[],
  { facts, candidates }: Pick<AnalysisContext, "facts" | "candidates">,
): { chance: number; baseline: number | null } {
  const chance = 1 / candidates.length;
  if (measured.length === 0) return { chance, baseline: null };
  const counts = new Map<number, number>();
  for (const { index } of measured) {
    const { answerToken } = facts[index]!;
    counts.set(answerToken, (counts.get(answerToken) ?? 0) + 1);
  }
  return { chance, baseline: Math.max(chance, Math.max(...counts.values()) / measured.length) };
}

/** P(X >= hits) for X ~ Binomial(n, p). */
export function binomialTail(hits: number, n: number, p: number): number {
  if (hits <= 0) return 1;
  if (p <= 0 || p >= 1) return p >= 1 ? 1 : 0;
  let total = 0;
  let logChoose = 0;
  for (let k = 0; k <= n; k++) {
    if (k > 0) logChoose += Math.log((n - k + 1) / k);
    if (k >= hits) total += Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p));
  }
  return Math.min(1, total);
}

/** Exact two-sided sign test of paired outcomes (McNemar): facts on which both agree say nothing. */
export function pairedSignTest(first: readonly boolean[], second: readonly boolean[]): number {
  const wins = first.filter((hit, i) => hit && !second[i]).length;
  const losses = first.filter((hit, i) => !hit && second[i]).length;
  return Math.min(1, 2 * binomialTail(Math.max(wins, losses), wins + losses, 0.5));
}
