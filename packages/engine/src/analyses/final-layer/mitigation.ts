import type { Estimate } from "../../results/estimate.ts";
import { notObserved } from "../../results/estimate.ts";
import type { FinalLayerReport, SweepCurve } from "../../results/report.ts";
import type { Aggregation } from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";
import type { FinalParts } from "./final-layer.ts";

/** 0, 0.1, ... 1.5 */
export const ALPHAS: readonly number[] = Array.from({ length: 16 }, (_, i) => i / 10);
/** Temperatures tried: 2^-2 to 2^2 in eighths. */
const TEMPERATURES: readonly number[] = Array.from({ length: 33 }, (_, i) => 2 ** (i / 8 - 2));

interface Outcome {
  logProb: number;
  rank: number;
  candidateTop1: number;
}

/** What the answer becomes when heads, MLP or both of the last block are scaled by alpha; the final norm is recomputed. */
export async function sweepCurves(
  parts: readonly FinalParts[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<SweepCurve[]> {
  const curves: SweepCurve[] = [];
  for (const target of ["HEADS", "MLP", "JOINT"] as const) {
    const outcomes: Outcome[][][] = [];
    for (const alpha of ALPHAS) {
      outcomes.push(await readAll(parts, context, (p, d) => scaled(p, d, target, alpha), 1));
    }
    curves.push(curve(target, outcomes, train, context));
  }
  return curves;
}

/** Scales what the heads wrote (not the attention's bias) and the MLP's output. */
function scaled(p: FinalParts, d: number, target: SweepCurve["target"], alpha: number): number {
  const [a, m] = [target === "MLP" ? 1 : alpha, target === "HEADS" ? 1 : alpha];
  const attention = a === 1 ? p.heads[d]! : a * (p.heads[d]! - p.bias[d]!) + p.bias[d]!;
  return Math.fround(p.pre[d]! + attention) + m * p.mlp[d]!;
}

function curve(
  target: SweepCurve["target"],
  outcomes: readonly Outcome[][][],
  train: readonly boolean[],
  context: Aggregation,
): SweepCurve {
  const over = (i: number, pick: (o: Outcome) => number) =>
    meanOverPrompts(
      outcomes[i]!.map((own) => own.map(pick)),
      context,
      "no known fact",
    );
  const best = bestIndex(outcomes, train);
  const one = ALPHAS.indexOf(1);
  return {
    target,
    points: ALPHAS.map((alpha, i) => ({
      alpha,
      probability: over(i, ({ logProb }) => Math.exp(logProb)),
      logProb: over(i, ({ logProb }) => logProb),
      meanRank: over(i, ({ rank }) => rank),
      top1: over(i, ({ rank }) => (rank === 0 ? 1 : 0)),
      candidateTop1: over(i, ({ candidateTop1 }) => candidateTop1),
    })),
    bestAlpha: best === null ? null : ALPHAS[best]!,
    testLogProbGain: gain(outcomes, best, one, train, context, ({ logProb }) => logProb),
    testRankChange: gain(outcomes, best, one, train, context, ({ rank }) => rank),
  };
}

/** Largest mean log-probability on train facts; ties go to what is nearest to no change. */
function bestIndex(outcomes: readonly Outcome[][][], train: readonly boolean[]): number | null {
  const means = outcomes.map((facts) => {
    const own = facts.filter((_, f) => train[f]).flat();
    return own.reduce((sum, { logProb }) => sum + logProb, 0) / own.length;
  });
  if (!means.some(Number.isFinite)) return null;
  const largest = Math.max(...means);
  return means
    .flatMap((value, i) => (value === largest ? [i] : []))
    .sort((a, b) => Math.abs(ALPHAS[a]! - 1) - Math.abs(ALPHAS[b]! - 1))[0]!;
}

function gain(
  outcomes: readonly Outcome[][][],
  best: number | null,
  one: number,
  train: readonly boolean[],
  context: Aggregation,
  pick: (o: Outcome) => number,
): Estimate {
  if (best === null) return notObserved("no train facts to choose alpha on");
  const changes = outcomes[best]!.map((own, f) =>
    train[f] ? [] : own.map((o, p) => pick(o) - pick(outcomes[one]![f]![p]!)),
  );
  return meanOverPrompts(changes, context, "no test facts");
}

/** One temperature for all prompts, chosen on the same train facts: it changes confidence but never a rank. */
export async function temperatureBaseline(
  parts: readonly FinalParts[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<FinalLayerReport["temperature"]> {
  const original = (p: FinalParts, d: number) => scaled(p, d, "JOINT", 1);
  const trainParts = parts.map((own, f) => (train[f] ? own : []));
  if (trainParts.flat().length === 0)
    return { best: null, testLogProbGain: notObserved("no train facts to choose a temperature on") };
  let best = { temperature: 1, logProb: Number.NEGATIVE_INFINITY };
  for (const temperature of TEMPERATURES) {
    const own = (await readAll(trainParts, context, original, temperature)).flat();
    const logProb = own.reduce((sum, o) => sum + o.logProb, 0) / own.length;
    if (logProb > best.logProb) best = { temperature, logProb };
  }
  const testParts = parts.map((own, f) => (train[f] ? [] : own));
  const [before, after] = [
    await readAll(testParts, context, original, 1),
    await readAll(testParts, context, original, best.temperature),
  ];
  const changes = after.map((own, f) => own.map((o, p) => o.logProb - before[f]![p]!.logProb));
  return { best: best.temperature, testLogProbGain: meanOverPrompts(changes, context, "no test facts") };
}

/** Reads the answer after replacing each prompt's final residual; a temperature divides the normed row, hence all logits. */
async function readAll(
  parts: readonly FinalParts[][],
  { instruments, candidates, model }: Aggregation,
  residual: (p: FinalParts, d: number) => number,
  temperature: number,
): Promise<Outcome[][]> {
  const flat = parts.flat();
  if (flat.length === 0) return parts.map(() => []);
  const rows = new Float32Array(flat.length * model.width);
  for (const [i, p] of flat.entries())
    for (let d = 0; d < model.width; d++) rows[i * model.width + d] = residual(p, d);
  const normed = instruments.normalise(rows);
  if (temperature !== 1) for (let i = 0; i < normed.length; i++) normed[i]! /= temperature;
  const width = 1 + candidates.length;
  const read = await instruments.read(
    normed,
    flat.map((p) => [p.answer, ...candidates]),
    1,
  );
  const outcomes = flat.map((_, i): Outcome => {
    const logits = read.logit.subarray(i * width, (i + 1) * width);
    return {
      logProb: logits[0]! - read.logSumExp[i]!,
      rank: read.rank[i]!,
      candidateTop1: logits.subarray(1).some((other) => other > logits[0]!) ? 0 : 1,
    };
  });
  let at = 0;
  return parts.map((own) => {
    at += own.length;
    return outcomes.slice(at - own.length, at);
  });
}
