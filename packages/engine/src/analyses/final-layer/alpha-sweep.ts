import { goldenSection } from "../../math/golden-section.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { FinalLayerReport, SweepCurve, SweepPoint } from "../../results/report.ts";
import type { Aggregation } from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";

/** 0, 0.1, ... 1.5 */
export const ALPHAS: readonly number[] = Array.from({ length: 16 }, (_, i) => i / 10);
export const UNCHANGED = ALPHAS.indexOf(1);
/** Range of temperatures, as log2, and how closely the best is found. */
export const TEMPERATURES = { low: -2, high: 2, tolerance: 0.02 } as const;

/** The last block's parts at one position, and the token whose prediction there counts; vectors are `[d_model]`. */
export interface SweepRow {
  answer: number;
  pre: Float32Array;
  /** hook_attn_out, and the part of it that no head writes. */
  attention: Float32Array;
  bias: Float32Array;
  mlp: Float32Array;
  /** Sum of what the heads to be scaled apart write; for SUPPRESSORS. */
  suppressors?: Float32Array;
}

/** What alpha scales: 1 leaves the model as it is, 0 takes it away. */
export type Change = { alpha: number } & (
  | { target: SweepCurve["target"] | "SUPPRESSORS" }
  /** The part of the MLP's output along a unit vector. */
  | { target: "PROJECT_OUT"; direction: Float64Array }
);
export const NO_CHANGE: Change = { target: "JOINT", alpha: 1 };

export interface Outcome {
  logProb: number;
  rank: number;
  candidateTop1: number;
}

/**
 * What the answer becomes when heads, MLP or both of the last block are scaled by alpha, the final norm being recomputed; and one
 * temperature, chosen on the same train facts, as the baseline to beat: it changes confidence but never a rank.
 */
export async function alphaSweeps(
  rows: readonly SweepRow[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<Pick<FinalLayerReport, "sweeps" | "temperature">> {
  const unchanged = await readAll(rows, context);
  const sweeps: SweepCurve[] = [];
  for (const target of ["HEADS", "MLP", "JOINT"] as const) {
    const outcomes = await sweep(rows, unchanged, context, (alpha) => ({ target, alpha }));
    const best = bestIndex(outcomes, train);
    sweeps.push({
      target,
      points: curve(outcomes, context),
      bestAlpha: best === null ? null : ALPHAS[best]!,
      testLogProbGain: gain(outcomes, best, train, context, ({ logProb }) => logProb),
      testRankChange: gain(outcomes, best, train, context, ({ rank }) => rank),
    });
  }
  return { sweeps, temperature: await temperatureOf(rows, unchanged, train, context) };
}

/** The final residual after a change, `[d_model]`, written to `out`. Heads are scaled, the attention's bias is not. */
export function changedResidual(row: SweepRow, change: Change, out: Float32Array): void {
  const { target, alpha } = change;
  const a = target === "HEADS" || target === "JOINT" ? alpha : 1;
  const m = target === "MLP" || target === "JOINT" ? alpha : 1;
  const apart = target === "SUPPRESSORS" ? alpha - 1 : 0;
  const along = target === "PROJECT_OUT" ? (1 - alpha) * product(row.mlp, change.direction) : 0;
  for (let d = 0; d < out.length; d++) {
    let attention = row.attention[d]!;
    if (a !== 1) attention = a * (attention - row.bias[d]!) + row.bias[d]!;
    if (apart !== 0) attention += apart * row.suppressors![d]!;
    let mlp = m * row.mlp[d]!;
    if (change.target === "PROJECT_OUT") mlp -= along * change.direction[d]!;
    out[d] = Math.fround(row.pre[d]! + attention) + mlp;
  }
}

const product = (x: Float32Array, direction: Float64Array): number =>
  direction.reduce((sum, value, d) => sum + value * x[d]!, 0);

/** Outcomes `[alpha][fact][prompt]`; the model itself, at alpha = 1, is not read again. */
export async function sweep(
  rows: readonly SweepRow[][],
  unchanged: Outcome[][],
  context: Aggregation,
  change: (alpha: number) => Change,
): Promise<Outcome[][][]> {
  const outcomes: Outcome[][][] = [];
  for (const alpha of ALPHAS)
    outcomes.push(alpha === 1 ? unchanged : await readAll(rows, context, change(alpha)));
  return outcomes;
}

export function curve(outcomes: readonly Outcome[][][], context: Aggregation): SweepPoint[] {
  return ALPHAS.map((alpha, i) => {
    const over = (pick: (o: Outcome) => number) =>
      meanOverPrompts(
        outcomes[i]!.map((own) => own.map(pick)),
        context,
        "no known fact",
      );
    return {
      alpha,
      probability: over(({ logProb }) => Math.exp(logProb)),
      logProb: over(({ logProb }) => logProb),
      meanRank: over(({ rank }) => rank),
      top1: over(({ rank }) => (rank === 0 ? 1 : 0)),
      candidateTop1: over(({ candidateTop1 }) => candidateTop1),
    };
  });
}

/** Place in ALPHAS of the largest mean log-probability on train facts; ties go to what is nearest to no change. */
export function bestIndex(outcomes: readonly Outcome[][][], train: readonly boolean[]): number | null {
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

async function temperatureOf(
  rows: readonly SweepRow[][],
  unchanged: readonly Outcome[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<FinalLayerReport["temperature"]> {
  if (context.model.logitCap !== null)
    return {
      best: null,
      testLogProbGain: notObserved(
        "a temperature acts on logits after the model's soft cap, which is not measured",
      ),
    };
  const best = await bestTemperature(rows, train, context);
  if (best === null)
    return { best: null, testLogProbGain: notObserved("no train facts to choose a temperature on") };
  const after = await readAll(
    rows.map((own, f) => (train[f] ? [] : own)),
    context,
    NO_CHANGE,
    best,
  );
  const changes = after.map((own, f) => own.map((o, p) => o.logProb - unchanged[f]![p]!.logProb));
  return { best, testLogProbGain: meanOverPrompts(changes, context, "no test facts") };
}

/** The temperature with the largest mean log-probability on train facts; null where there is none to choose on. */
export async function bestTemperature(
  rows: readonly SweepRow[][],
  train: readonly boolean[],
  context: Aggregation,
): Promise<number | null> {
  if (!train.includes(true)) return null;
  const chosen = rows.map((own, f) => (train[f] ? own : []));
  const { low, high, tolerance } = TEMPERATURES;
  // log p is concave in 1 / temperature, so its mean has one peak.
  const found = await goldenSection(
    async (log) => meanLogProb(await readAll(chosen, context, NO_CHANGE, 2 ** log)),
    low,
    high,
    tolerance,
  );
  return 2 ** found;
}

function meanLogProb(outcomes: readonly Outcome[][]): number {
  const flat = outcomes.flat();
  return flat.reduce((sum, { logProb }) => sum + logProb, 0) / flat.length;
}

/** Normed final residuals after a change, `[row, d_model]`; a temperature divides them, hence all logits. */
export function changedRows(
  rows: readonly SweepRow[],
  { instruments, model }: Pick<Aggregation, "instruments" | "model">,
  change: Change,
  temperature = 1,
): Float32Array {
  const { width } = model;
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries())
    changedResidual(row, change, out.subarray(i * width, (i + 1) * width));
  const normed = instruments.normalise(out);
  if (temperature !== 1) for (let i = 0; i < normed.length; i++) normed[i]! /= temperature;
  return normed;
}

/** Reads the answers after a change. */
export async function readAll(
  rows: readonly SweepRow[][],
  context: Aggregation,
  change: Change = NO_CHANGE,
  temperature = 1,
): Promise<Outcome[][]> {
  const { instruments, candidates } = context;
  const flat = rows.flat();
  if (flat.length === 0) return rows.map(() => []);
  const width = 1 + candidates.length;
  const read = await instruments.read(
    changedRows(flat, context, change, temperature),
    flat.map((row) => [row.answer, ...candidates]),
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
  return rows.map((own) => {
    at += own.length;
    return outcomes.slice(at - own.length, at);
  });
}
