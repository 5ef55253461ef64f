import { goldenSection } from "../../math/golden-section.ts";
import type { Estimate } from "../../results/estimate.ts";
import { notObserved } from "../../results/estimate.ts";
import type { FinalLayerReport, SweepCurve } from "../../results/report.ts";
import type { Aggregation } from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";
import type { FinalParts } from "./final-layer.ts";

/** 0, 0.1, ... 1.5 */
export const ALPHAS: readonly number[] = Array.from({ length: 16 }, (_, i) => i / 10);
const UNCHANGED = ALPHAS.indexOf(1);
/** Range of temperatures, as log2, and how closely the best is found. */
const TEMPERATURES = { low: -2, high: 2, tolerance: 0.02 } as const;

interface Outcome {
  logProb: number;
  rank: number;
  candidateTop1: number;
}

/**
 * What the answer becomes when heads, MLP or both of the last block are scaled by alpha, the final norm being recomputed; and one
 * temperature, chosen on the same train facts, as the baseline to beat: it changes confidence but never a rank.
 */
export async function mitigation(
  parts: readonly FinalParts[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<Pick<FinalLayerReport, "sweeps" | "temperature">> {
  const unchanged = await readAll(parts, context, (p, d) => scaled(p, d, "JOINT", 1), 1);
  const sweeps: SweepCurve[] = [];
  for (const target of ["HEADS", "MLP", "JOINT"] as const) {
    const outcomes: Outcome[][][] = [];
    for (const alpha of ALPHAS) {
      outcomes.push(
        alpha === 1 ? unchanged : await readAll(parts, context, (p, d) => scaled(p, d, target, alpha), 1),
      );
    }
    sweeps.push(curve(target, outcomes, train, context));
  }
  return { sweeps, temperature: await bestTemperature(parts, unchanged, train, context) };
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
    testLogProbGain: gain(outcomes, best, train, context, ({ logProb }) => logProb),
    testRankChange: gain(outcomes, best, train, context, ({ rank }) => rank),
  };
}

/** Largest mean log-probability on train facts; ties go to what is nearest to no change. */
function bestIndex(outcomes: readonly Outcome[][][], train: readonly boolean[]): number | null {
  const means = outcomes.map((facts) => meanLogProb(facts.filter((_, f) => train[f])));
  if (!means.some(Number.isFinite)) return null;
  const largest = Math.max(...means);
  return means
    .flatMap((value, i) => (value === largest ? [i] : []))
    .sort((a, b) => Math.abs(ALPHAS[a]! - 1) - Math.abs(ALPHAS[b]! - 1))[0]!;
}

function gain(
  outcomes: readonly Outcome[][][],
  best: number | null,
  train: readonly boolean[],
  context: Aggregation,
  pick: (o: Outcome) => number,
): Estimate {
  if (best === null) return notObserved("no train facts to choose alpha on");
  const changes = outcomes[best]!.map((own, f) =>
    train[f] ? [] : own.map((o, p) => pick(o) - pick(outcomes[UNCHANGED]![f]![p]!)),
  );
  return meanOverPrompts(changes, context, "no test facts");
}

async function bestTemperature(
  parts: readonly FinalParts[][],
  unchanged: readonly Outcome[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<FinalLayerReport["temperature"]> {
  if (!train.includes(true))
    return { best: null, testLogProbGain: notObserved("no train facts to choose a temperature on") };
  const read = (side: boolean, temperature: number) =>
    readAll(
      parts.map((own, f) => (train[f] === side ? own : [])),
      context,
      (p, d) => scaled(p, d, "JOINT", 1),
      temperature,
    );
  const { low, high, tolerance } = TEMPERATURES;
  // log p is concave in 1 / temperature, so its mean has one peak.
  const found = await goldenSection(
    async (log) => meanLogProb(await read(true, 2 ** log)),
    low,
    high,
    tolerance,
  );
  const after = await read(false, 2 ** found);
  const changes = after.map((own, f) => own.map((o, p) => o.logProb - unchanged[f]![p]!.logProb));
  return { best: 2 ** found, testLogProbGain: meanOverPrompts(changes, context, "no test facts") };
}

function meanLogProb(outcomes: readonly Outcome[][]): number {
  const flat = outcomes.flat();
  return flat.reduce((sum, { logProb }) => sum + logProb, 0) / flat.length;
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
