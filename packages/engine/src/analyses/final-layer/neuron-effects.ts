import { centreRows, norm as lengthOf } from "../../math/vectors.ts";
import type { Estimate } from "../../results/estimate.ts";
import { notObserved } from "../../results/estimate.ts";
import type { NeuronEffect } from "../../results/final-layer-components.ts";
import type { FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { type Frequency, frequencyCorrelation } from "./frequency.ts";

/** Neurons reported of each kind. */
const REPORTED = 10;
/** Mean |effect| in nats below which shares of it are rounding. */
const NO_EFFECT = 1e-4;

/** One prompt's last position. */
export interface NeuronPrompt {
  answer: number;
  /** Final residual `[d_model]`. */
  final: Float32Array;
  /** mlp.hook_post `[d_mlp]`. */
  hidden: Float32Array;
}

/** Weights of the last MLP's neurons as the vocabulary sees them; all `[neuron]`. */
export interface NeuronWeights {
  /** W_out `[neuron, d_model]`. */
  out: Float32Array;
  /** Per unit of activation and final scale: along log f's unit vector, and in all, in logits. */
  along: Float64Array;
  length: Float64Array;
  norm: Float64Array;
  rho: Float64Array;
}

export async function neuronWeights(context: FurtherContext, frequency: Frequency): Promise<NeuronWeights> {
  const { instruments, model } = context;
  const { width } = model;
  const out = await instruments.mlpOutput(model.layers - 1);
  const n = out.length / width;
  const heard = Float32Array.from(out);
  if (model.norm.kind === "layernorm") centreRows(heard, width);
  const directions = frequency.bottom.length / width;
  const inside = await instruments.product(heard, frequency.bottom, width);
  const [norm, rho] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    norm[i] = lengthOf(heard.subarray(i * width, (i + 1) * width));
    const part = lengthOf(inside.subarray(i * directions, (i + 1) * directions));
    rho[i] = norm[i]! > 0 ? part / norm[i]! : 0;
  }
  return { out, ...(await frequency.push(out)), norm, rho };
}

/**
 * Neurons that push along log f most on average over the prompts, and neurons that write most into the null space of the unembedding; with
 * what becomes of the answer without each of them, and how much of that goes through log f or through the final scale.
 */
export async function neuronEffects(
  prompts: readonly NeuronPrompt[][],
  weights: NeuronWeights,
  frequency: Frequency,
  context: FurtherContext,
): Promise<{ frequencyNeurons: NeuronEffect[]; entropyNeurons: NeuronEffect[] }> {
  const all = [...weights.norm.keys()];
  const flat = prompts.flat();
  const activity = all.map((i) => flat.reduce((sum, { hidden }) => sum + Math.abs(hidden[i]!), 0));
  const largest = (from: readonly number[], value: (i: number) => number) =>
    from
      .filter((i) => value(i) > 0)
      .sort((a, b) => value(b) - value(a) || a - b)
      .slice(0, REPORTED);
  const byNorm = [...all].sort((a, b) => weights.norm[b]! - weights.norm[a]! || a - b);
  const pushers = largest(all, (i) => activity[i]! * Math.abs(weights.along[i]!));
  const hidden = largest(byNorm.slice(0, Math.ceil(all.length / 2)), (i) => weights.rho[i]!);
  const chosen = [...new Set([...pushers, ...hidden])];
  const measured: Ablation[][][] = [];
  for (const own of prompts) {
    const rows: Ablation[][] = [];
    for (const prompt of own) rows.push(await ablate(prompt, chosen, weights, frequency, context));
    measured.push(rows);
  }
  const report = (i: number): NeuronEffect => {
    const at = chosen.indexOf(i);
    const over = (pick: (a: Ablation) => number) =>
      meanOverPrompts(
        measured.map((own) => own.map((row) => pick(row[at]!))),
        context,
        "no known fact",
      );
    const via = (pick: (a: Ablation) => number) =>
      mediated(
        measured.map((own) => own.map((row) => row[at]!)),
        pick,
        context,
      );
    const viaFrequency = frequency.logFrequency
      ? via(({ frozenFrequency }) => frozenFrequency)
      : notObserved("nothing estimates how frequent tokens are");
    const viaScale = via(({ frozenScale }) => frozenScale);
    const correlation = frequency.logFrequency
      ? frequencyCorrelation(weights.along[i]!, weights.length[i]!, 1, context.model.vocabulary)
      : Number.NaN;
    return {
      label: `L${context.model.layers - 1}N${i}`,
      index: i,
      norm: weights.norm[i]!,
      normRank: byNorm.indexOf(i),
      rho: weights.rho[i]!,
      frequencyCorrelation: Number.isNaN(correlation) ? null : correlation,
      activation: meanOverPrompts(
        prompts.map((own) => own.map((prompt) => prompt.hidden[i]!)),
        context,
      ),
      logProbEffect: over(({ logProb }) => logProb),
      entropyEffect: over(({ entropy }) => entropy),
      viaFrequency,
      viaScale,
      frequencyNeuron: (viaFrequency.low ?? 0) > 0.5,
      entropyNeuron: (viaScale.low ?? 0) > 0.5,
    };
  };
  return { frequencyNeurons: pushers.map(report), entropyNeurons: hidden.map(report) };
}

/** With the neuron minus without it. */
interface Ablation {
  logProb: number;
  entropy: number;
  /** The same of log p when the ablated logits are given their projection on log f back, and under the final scale of the whole. */
  frozenFrequency: number;
  frozenScale: number;
}

async function ablate(
  { answer, final, hidden }: NeuronPrompt,
  neurons: readonly number[],
  { out }: NeuronWeights,
  { logFrequency }: Frequency,
  { instruments, model }: FurtherContext,
): Promise<Ablation[]> {
  const { width, vocabulary } = model;
  const rows = new Float32Array((neurons.length + 1) * width);
  rows.set(final);
  for (const [n, neuron] of neurons.entries()) {
    for (let d = 0; d < width; d++)
      rows[(n + 1) * width + d] = final[d]! - hidden[neuron]! * out[neuron * width + d]!;
  }
  const scale = instruments.scales(final)[0]!;
  const frozen = await instruments.read(
    instruments.normalise(rows, new Float64Array(neurons.length + 1).fill(scale)),
    Array.from({ length: neurons.length + 1 }, () => [answer]),
    1,
  );
  const frozenLogProb = (row: number) => frozen.logit[row]! - frozen.logSumExp[row]!;
  const unit = logFrequency && unitVector(logFrequency);
  const whole = new Float64Array(vocabulary);
  const restored = new Float64Array(vocabulary);
  let clean = { logProb: 0, entropy: 0 };
  const ablations: Ablation[] = [];
  await instruments.visitLogits(instruments.normalise(rows), (row, logits) => {
    const own = logProbOf(logits, answer);
    if (row === 0) {
      whole.set(logits);
      clean = own;
      return;
    }
    let along = 0;
    if (unit) for (let v = 0; v < vocabulary; v++) along += (whole[v]! - logits[v]!) * unit[v]!;
    for (let v = 0; v < vocabulary; v++) restored[v] = logits[v]! + (unit ? along * unit[v]! : 0);
    ablations.push({
      logProb: clean.logProb - own.logProb,
      entropy: clean.entropy - own.entropy,
      frozenFrequency: clean.logProb - logProbOf(restored, answer).logProb,
      frozenScale: frozenLogProb(0) - frozenLogProb(row),
    });
  });
  return ablations;
}

function unitVector(values: Float64Array): Float64Array {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / norm);
}

/** log p of a token and the entropy, nats. */
function logProbOf(logits: ArrayLike<number>, token: number): { logProb: number; entropy: number } {
  let largest = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < logits.length; v++) if (logits[v]! > largest) largest = logits[v]!;
  let [total, weighted] = [0, 0];
  for (let v = 0; v < logits.length; v++) {
    const weight = Math.exp(logits[v]! - largest);
    total += weight;
    weighted += weight * (logits[v]! - largest);
  }
  const logTotal = Math.log(total);
  return { logProb: logits[token]! - largest - logTotal, entropy: logTotal - weighted / total };
}

/** 1 - sum |effect with the way frozen| / sum |effect|, clustered by fact. */
function mediated(
  ablations: readonly Ablation[][],
  frozen: (a: Ablation) => number,
  { bootstrap }: Pick<FurtherContext, "bootstrap">,
): Estimate {
  const total = ablations.map((own) => own.reduce((sum, { logProb }) => sum + Math.abs(logProb), 0));
  const count = ablations.reduce((sum, own) => sum + own.length, 0);
  const facts = ablations.filter((own) => own.length > 0).length;
  if (total.reduce((a, b) => a + b, 0) < NO_EFFECT * count)
    return notObserved(`without it log p(answer) changes by less than ${NO_EFFECT} nats`, facts);
  const gone = ablations.map((own, f) => total[f]! - own.reduce((sum, a) => sum + Math.abs(frozen(a)), 0));
  return bootstrap.ratio(gone, total, "no known fact");
}
