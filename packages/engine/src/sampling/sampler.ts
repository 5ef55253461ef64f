import { seededRandom } from "../math/random.ts";
import { softmax } from "../math/softmax.ts";
import { BlockStep, rotaryRows } from "../planner/block-step.ts";
import { RowBuffers } from "../planner/row-buffers.ts";
import { rowsOf } from "../session/arrays.ts";
import { logitsOfResidual } from "../session/logits.ts";
import type { ModelSession } from "../session/model-session.ts";
import { KeyValueCache } from "./key-value-cache.ts";

export interface SampleOptions {
  /** Token every sequence starts with; it is fed, not sampled. */
  start: number;
  sequences: number;
  /** Tokens sampled per sequence; at most the model's positions. */
  length: number;
  /** A sequence's tokens depend on this and its own number only, not on how many are sampled together. */
  seed: number | string;
  /** Awaited before every step; what it throws ends the sampling. */
  checkpoint?: (step: number) => Promise<void>;
}

/** Called with the model's distribution of a sequence's next token, `[vocabulary]`; the array is reused. */
export type VisitDistribution = (sequence: number, step: number, probabilities: Float64Array) => void;

/**
 * Ancestral samples at temperature 1: each token is drawn from the model's own distribution given those before it, with keys and values
 * kept from step to step. Sampling goes on after an end-of-text token, as the training text of a language model does.
 * @returns tokens `[sequence][step]`, without the start token
 */
export async function sampleSequences(
  session: ModelSession,
  options: SampleOptions,
  visit: VisitDistribution,
): Promise<number[][]> {
  const { start, sequences, length, seed, checkpoint } = options;
  const { facts } = session.spec;
  if (length > facts.positions)
    throw new RangeError(`length: ${length} (allowed: 1 to ${facts.positions}, the model's positions)`);
  const randoms = Array.from({ length: sequences }, (_, i) => seededRandom(`sample ${seed} ${i}`));
  const buffers = new RowBuffers(sequences, facts);
  const caches = Array.from({ length: facts.layers }, () => new KeyValueCache(sequences, facts));
  const logits = new Float32Array(sequences * facts.vocabulary);
  const probabilities = new Float64Array(facts.vocabulary);
  const out: number[][] = randoms.map(() => []);
  let tokens: number[] = randoms.map(() => start);
  for (let step = 0; step < length; step++) {
    await checkpoint?.(step);
    await embed(session, tokens, step, buffers);
    for (let layer = 0; layer < facts.layers; layer++)
      await stepBlock(session, layer, step, buffers, caches[layer]!);
    await logitsOfResidual(session, buffers.residPre.subarray(0, sequences * facts.width), logits);
    tokens = randoms.map((random, i) => {
      softmax(logits.subarray(i * facts.vocabulary, (i + 1) * facts.vocabulary), probabilities);
      visit(i, step, probabilities);
      const token = draw(probabilities, random());
      out[i]!.push(token);
      return token;
    });
  }
  return out;
}

/** One token per sequence through a block: its residual stream in `buffers.residPre` becomes the next block's. */
async function stepBlock(
  session: ModelSession,
  layer: number,
  position: number,
  buffers: RowBuffers,
  cache: KeyValueCache,
): Promise<void> {
  const { rows } = buffers;
  const step = new BlockStep(session, layer, buffers);
  await step.attentionInput(0, rows, rotaryRows(session, new Array<number>(rows).fill(position)));
  if (position === 0) await step.denseAttention({ queries: 0, keys: 0 }, rows, 1, false);
  else {
    const shape = { prompts: rows, variants: 1, queries: 1, keys: 1, past: position };
    await step.suffixAttention({ queries: 0, keys: 0 }, shape, cache.past(), false);
  }
  cache.append(buffers);
  await step.attentionOutput(0, rows);
  await step.mlp(0, rows, false);
  buffers.residPre.set(buffers.residPost);
}

async function embed(
  session: ModelSession,
  tokens: readonly number[],
  position: number,
  buffers: RowBuffers,
): Promise<void> {
  const { width } = session.spec.facts;
  const own = () => rowsOf(new Float32Array(tokens.length * width), 0, tokens.length, width);
  const positions = tokens.map(() => position);
  const resid_pre = rowsOf(buffers.residPre, 0, tokens.length, width);
  await session.embed(tokens, positions, { embed: own(), resid_pre }, own);
}

/** The token at which the cumulative probability passes `uniform` in [0, 1). */
export function draw(probabilities: ArrayLike<number>, uniform: number): number {
  let [cumulative, last] = [0, 0];
  for (let v = 0; v < probabilities.length; v++) {
    if (probabilities[v] === 0) continue;
    cumulative += probabilities[v]!;
    if (uniform < cumulative) return v;
    last = v;
  }
  // The sum may fall short of 1 by rounding: what is left belongs to the last possible token.
  return last;
}
