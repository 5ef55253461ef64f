import type { Concentration } from "../results/comparison.ts";
import type { RunReport } from "../results/report.ts";
import { headEffects } from "./run-facts.ts";

/** Rounding of sums of shares. */
const SLACK = 1e-12;

/** How concentrated a run's head effects are: mass is |effect|, suppressing heads count like promoting ones. */
export function concentration(report: RunReport): Concentration {
  const effects = headEffects(report);
  const none = (reason: string): Concentration => ({
    heads: report.argumentPassing.heads.length,
    effectiveHeads: null,
    effectiveShare: null,
    top1Share: null,
    top5Share: null,
    headsTo50: null,
    headsTo80: null,
    reason,
  });
  if ("reason" in effects) return none(effects.reason);
  const mass = effects.map(Math.abs).sort((a, b) => b - a);
  const total = mass.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return none("no head has an effect");
  const squares = mass.reduce((sum, own) => sum + own * own, 0);
  let cumulative = 0;
  const cumulated = mass.map((own) => {
    cumulative += own / total;
    return cumulative;
  });
  const headsTo = (share: number) => cumulated.findIndex((sum) => sum >= share - SLACK) + 1;
  const effectiveHeads = total ** 2 / squares;
  return {
    heads: mass.length,
    effectiveHeads,
    effectiveShare: effectiveHeads / mass.length,
    top1Share: cumulated[0]!,
    top5Share: cumulated[Math.min(5, mass.length) - 1]!,
    headsTo50: headsTo(0.5),
    headsTo80: headsTo(0.8),
  };
}
