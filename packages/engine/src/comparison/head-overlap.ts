import { hypergeometricTail } from "../math/hypergeometric.ts";
import { spearman } from "../math/rank-correlation.ts";
import type { HeadOverlap } from "../results/comparison.ts";
import type { RunReport } from "../results/report.ts";
import { headEffects, resolved } from "./run-facts.ts";

/** 10 heads or 2 % of all, whichever is more, but not more than there are. */
export const topCount = (heads: number): number => Math.min(heads, Math.max(10, Math.round(0.02 * heads)));

/**
 * Heads at the top of two runs of one model (two tasks, or zero- and few-shot), against what sets of these sizes share by chance. Between
 * models head (l, h) means nothing: then all is null, with the reason.
 */
export function headOverlap(a: RunReport, b: RunReport): HeadOverlap {
  const heads = a.argumentPassing.heads.length;
  const k = topCount(heads);
  const none = (reason: string): HeadOverlap => ({
    k,
    headsA: [],
    headsB: [],
    common: 0,
    jaccard: null,
    chance: null,
    pValue: null,
    spearman: null,
    reason,
  });
  if (a.receipt.model.weightHash !== b.receipt.model.weightHash)
    return none("heads of different models do not correspond (match them by what they do)");
  const [effectsA, effectsB] = [headEffects(a), headEffects(b)];
  if ("reason" in effectsA) return none(effectsA.reason);
  if ("reason" in effectsB) return none(effectsB.reason);
  const [headsA, headsB] = [topHeads(a, effectsA, k), topHeads(b, effectsB, k)];
  const common = headsA.filter((label) => headsB.includes(label)).length;
  const correlation = spearman(resolved(effectsA), resolved(effectsB));
  if (headsA.length === 0 || headsB.length === 0)
    return { ...none("a run has no head with an effect above 0"), headsA, headsB, spearman: correlation };
  const q = (headsA.length * headsB.length) / heads;
  return {
    k,
    headsA,
    headsB,
    common,
    jaccard: common / (headsA.length + headsB.length - common),
    chance: q / (headsA.length + headsB.length - q),
    pValue: hypergeometricTail(common, headsA.length, headsB.length, heads),
    spearman: correlation,
  };
}

// Idle heads have the same effect, 0, in every run: without the bound the order of their numbers would look like overlap.
function topHeads(
  { argumentPassing: { heads } }: RunReport,
  effects: readonly number[],
  k: number,
): string[] {
  const size = resolved(effects);
  return heads
    .filter((_, i) => size[i]! > 0)
    .sort((x, y) => x.rank - y.rank)
    .slice(0, k)
    .map(({ label }) => label);
}
