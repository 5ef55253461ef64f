import { softmax } from "../../math/softmax.ts";
import { quantile } from "../../math/statistics.ts";
import type { UnigramId, UnigramReport, UnigramSamples } from "../../results/unigram.ts";
import { startOfText } from "../../sampling/start-of-text.ts";
import type { FurtherContext } from "../further.ts";
import { lastResidual } from "./last-layer.ts";
import { type NeutralText, neutralText } from "./neutral-text.ts";
import { commonSpearman } from "./rank-correlation.ts";

export type UnigramContext = Pick<
  FurtherContext,
  "model" | "instruments" | "tokenizer" | "settings" | "execute"
>;

/** Samples behind U3: enough that halves of them agree, few enough for seconds on a model of 135 million parameters. */
const SAMPLES = { sequences: 64, length: 64 } as const;
/** Steps of sampling between two looks at whether the run was cancelled. */
const CHECK_EVERY = 8;
const SENTENCES_PER_STEP = 16;
const MOST_FREQUENT = 20;
const PREFERENCE: readonly UnigramId[] = ["U5", "U3", "U2", "U1", "U4"];

const TITLES: Record<UnigramId, string> = {
  U1: "final norm's bias, read by the unembedding",
  U2: "mean prediction in neutral text",
  U3: "mean prediction in the model's own samples",
  U4: "order of the tokenizer's merges",
  U5: "counts given by the user",
};

/** log f `[vocabulary]` up to a constant (NaN where it says nothing of a token), or why there is none. */
export type Estimator = { logFrequency: Float64Array } | { reason: string };

export interface Unigram {
  report: Omit<UnigramReport, "direction">;
  estimators: Record<UnigramId, Estimator>;
  /** log f of the estimator used, its mean over the vocabulary taken away (0 where it says nothing); null where there is none. */
  logFrequency: Float64Array | null;
}

/** All estimates, how far they agree, and the one to use. @param counts per token of the vocabulary, from a corpus of the user's */
export async function estimateUnigram(context: UnigramContext, counts?: ArrayLike<number>): Promise<Unigram> {
  const text = neutralText(context.tokenizer, context.model.positions);
  const sampled = await ownSamples(context);
  const estimators: Record<UnigramId, Estimator> = {
    U1: await normBias(context),
    U2: await neutralPredictions(text, context),
    U3: sampled.estimator,
    U4: mergeOrder(context),
    U5: userCounts(context, counts),
  };
  const ids = Object.keys(estimators) as UnigramId[];
  const of = (id: UnigramId) => {
    const own = estimators[id];
    return "logFrequency" in own ? own.logFrequency : null;
  };
  const agreement: UnigramReport["agreement"] = [];
  for (const [i, a] of ids.entries()) {
    for (const b of ids.slice(i + 1)) {
      const [x, y] = [of(a), of(b)];
      if (!x || !y) continue;
      const { value, n, reason } = commonSpearman(x, y);
      agreement.push({ a, b, value, tokens: n, reason: reason ?? null });
    }
  }
  const used = PREFERENCE.find((id) => of(id)) ?? null;
  const logFrequency = used && centred(of(used)!);
  return {
    estimators,
    logFrequency,
    report: {
      estimators: ids.map((id) => {
        const own = estimators[id];
        const reason = "reason" in own ? own.reason : null;
        return { id, title: TITLES[id], available: reason === null, reason };
      }),
      used,
      agreement,
      neutral: {
        sentences: text.sentences.length,
        skipped: text.skipped,
        positions: text.sentences.reduce((sum, { length }) => sum + length, 0),
      },
      samples: sampled.samples,
      mostFrequent: logFrequency ? mostFrequent(logFrequency, context) : [],
    },
  };
}

/** U1: <b, u_v> of the final norm's bias b; what a model predicts where nothing is written. */
async function normBias({ model, instruments }: UnigramContext): Promise<Estimator> {
  if (model.norm.kind === "rms") return { reason: "the final norm (RMS) has no bias" };
  const all = Array.from({ length: model.vocabulary }, (_, token) => token);
  const logFrequency = await instruments.constants(all);
  if (logFrequency.every((value) => value === logFrequency[0]))
    return { reason: "the final norm's bias says the same of every token" };
  return { logFrequency };
}

/** U2: the mean over all positions of neutral sentences of the predicted distribution. */
async function neutralPredictions({ sentences }: NeutralText, context: UnigramContext): Promise<Estimator> {
  if (sentences.length === 0) return { reason: "the tokenizer knows no neutral sentence" };
  const { model, instruments } = context;
  const total = new Float64Array(model.vocabulary);
  const own = new Float64Array(model.vocabulary);
  for (let from = 0; from < sentences.length; from += SENTENCES_PER_STEP) {
    const some = sentences.slice(from, from + SENTENCES_PER_STEP);
    const results = await context.execute(
      some.map((tokens) => ({ tokens, capture: [{ hook: lastResidual(model), positions: "all" }] })),
    );
    for (const { captures } of results) {
      await instruments.visitLogits(
        instruments.normalise(captures.get(lastResidual(model))!),
        (_, logits) => {
          softmax(logits, own);
          for (let v = 0; v < total.length; v++) total[v]! += own[v]!;
        },
      );
    }
  }
  return { logFrequency: total.map(safeLog) };
}

/**
 * U3: the mean over steps and sequences of the predicted distributions (not of the tokens drawn: the same mean with less noise). Sequences
 * are independent of each other, so their spread gives the Monte Carlo error.
 */
async function ownSamples(
  context: UnigramContext,
): Promise<{ estimator: Estimator; samples: UnigramSamples | null }> {
  const { model, tokenizer, settings, instruments } = context;
  const start = startOfText(tokenizer);
  if ("reason" in start) return { estimator: start, samples: null };
  const { sequences } = SAMPLES;
  const length = Math.min(SAMPLES.length, model.positions);
  const { vocabulary } = model;
  const sums = new Float64Array(sequences * vocabulary);
  const options = {
    start: start.token,
    sequences,
    length,
    seed: settings.seed,
    // A pass throws when the run was cancelled; sampling alone would not notice.
    checkpoint: async (step: number) => {
      if (step % CHECK_EVERY === 0) await context.execute([{ tokens: [start.token] }]);
    },
  };
  await instruments.sample(options, (sequence, _, probabilities) => {
    const at = sequence * vocabulary;
    for (let v = 0; v < vocabulary; v++) sums[at + v]! += probabilities[v]! / length;
  });
  const halves = [new Float64Array(vocabulary), new Float64Array(vocabulary)] as const;
  const [mean, error] = [new Float64Array(vocabulary), new Float64Array(vocabulary)];
  for (let v = 0; v < vocabulary; v++) {
    for (let i = 0; i < sequences; i++) halves[2 * i < sequences ? 0 : 1][v]! += sums[i * vocabulary + v]!;
    mean[v] = (halves[0][v]! + halves[1][v]!) / sequences;
    let squares = 0;
    for (let i = 0; i < sequences; i++) squares += (sums[i * vocabulary + v]! - mean[v]!) ** 2;
    error[v] = Math.sqrt(squares / (sequences - 1) / sequences);
  }
  return {
    estimator: { logFrequency: mean.map(safeLog) },
    samples: {
      start: start.token,
      startText: tokenizer.tokenText(start.token),
      sequences,
      length,
      seed: settings.seed,
      medianRelativeError: quantile(
        error.map((value, v) => (mean[v]! > 0 ? value / mean[v]! : 0)),
        0.5,
      ),
      expectedRelativeError: error.reduce((sum, value) => sum + value, 0),
      splitHalf: commonSpearman(...(halves.map((half) => half.map(safeLog)) as [Float64Array, Float64Array]))
        .value,
    },
  };
}

/** U4: -log of the place of the merge that makes a token; single bytes and special tokens have none. */
function mergeOrder({ tokenizer, model }: UnigramContext): Estimator {
  const ranks = tokenizer.mergeRanks?.() ?? null;
  if (!ranks) return { reason: "the tokenizer learnt no merges" };
  const logFrequency = new Float64Array(model.vocabulary).fill(Number.NaN);
  for (const [token, rank] of ranks) logFrequency[token] = Math.log(1 / (rank + 1));
  return { logFrequency };
}

/** U5, with half a count added to each so that unseen tokens have a logarithm. */
function userCounts({ model }: UnigramContext, counts?: ArrayLike<number>): Estimator {
  if (!counts) return { reason: "no counts were given" };
  if (counts.length !== model.vocabulary)
    throw new RangeError(`counts: ${counts.length} (expected one per token: ${model.vocabulary})`);
  return { logFrequency: Float64Array.from(counts, (count) => Math.log(count + 0.5)) };
}

/** A probability that underflowed is the smallest number there is. */
const safeLog = (p: number): number => Math.log(Math.max(p, Number.MIN_VALUE));

/** Minus its mean over the tokens that it knows; 0 for the others. */
function centred(values: Float64Array): Float64Array {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return values.map((value) => (Number.isNaN(value) ? 0 : value - mean));
}

function mostFrequent(logFrequency: Float64Array, { tokenizer }: UnigramContext) {
  return [...logFrequency.keys()]
    .sort((a, b) => logFrequency[b]! - logFrequency[a]! || a - b)
    .slice(0, MOST_FREQUENT)
    .map((token) => ({ token, text: tokenizer.tokenText(token), logFrequency: logFrequency[token]! }));
}
