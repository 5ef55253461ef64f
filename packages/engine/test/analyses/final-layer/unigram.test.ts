import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { changedRows, NO_CHANGE } from "../../../src/analyses/final-layer/alpha-sweep.ts";
import { frequencyOf } from "../../../src/analyses/final-layer/frequency.ts";
import { neutralRows } from "../../../src/analyses/final-layer/neutral-rows.ts";
import { neutralText } from "../../../src/analyses/final-layer/neutral-text.ts";
import { estimateUnigram, type UnigramContext } from "../../../src/analyses/final-layer/unigram.ts";
import { readTensor } from "../../../src/checkpoints/read-tensor.ts";
import { execute } from "../../../src/planner/execute.ts";
import type { ForwardPass } from "../../../src/planner/forward-pass.ts";
import { DEFAULT_SETTINGS } from "../../../src/results/receipt.ts";
import type { UnigramId } from "../../../src/results/unigram.ts";
import { openModel } from "../../../src/runner/open-model.ts";
import { tinyTokenizer } from "../../tasks/tiny-tokenizer.ts";

const MODELS = fileURLToPath(new URL("../../../../../models", import.meta.url));

describe("how frequent tokens are to a model, without a corpus", async () => {
  const folder = path.join(MODELS, "recall-gpt2-1m");
  const model = await openModel(folder, { modelsFolder: MODELS, cacheFolder: folder, offline: true }, 1);
  const { session, tokenizer } = model;
  const { facts } = session.spec;
  const calls: ForwardPass[][] = [];
  const context: UnigramContext = {
    model: facts,
    instruments: model.instruments,
    tokenizer,
    settings: DEFAULT_SETTINGS,
    execute: async (passes) => {
      calls.push([...passes]);
      return execute(session, passes);
    },
  };
  const { estimators, report, logFrequency } = await estimateUnigram(context);
  afterAll(() => session.close());
  const of = (id: UnigramId) => {
    const own = estimators[id];
    if ("reason" in own) throw new Error(own.reason);
    return own.logFrequency;
  };
  /** The same model with samples that cost nothing, where they do not matter. */
  const quick = (): UnigramContext => ({
    ...context,
    instruments: {
      ...model.instruments,
      sample: async ({ sequences, length, checkpoint }, visit) => {
        for (let step = 0; step < length; step++) {
          await checkpoint?.(step);
          for (let i = 0; i < sequences; i++) visit(i, step, uniform);
        }
        return [];
      },
    },
  });
  const uniform = new Float64Array(facts.vocabulary).fill(1 / facts.vocabulary);
  const everyToken = Array.from({ length: facts.vocabulary }, (_, v) => v);

  it("U1 is the final norm's bias through the unembedding, up to a constant", async () => {
    const bias = await readTensor(session.tensor(session.spec.finalNorm!.bias!));
    const table = await readTensor(session.tensor(session.spec.unembedding.weight));
    const direct = everyToken.map((v) =>
      bias.reduce((sum, b, d) => sum + b * table[v * facts.width + d]!, 0),
    );
    const mean = direct.reduce((a, b) => a + b) / direct.length;
    for (const v of [0, 1, 100, 1279]) expect(of("U1")[v]!).toBeCloseTo(direct[v]! - mean, 4);
  });

  it("U2 is the log of the mean probability, not the mean of logs, over all positions of neutral text", async () => {
    const { sentences } = neutralText(tokenizer, facts.positions);
    expect(report.neutral).toMatchObject({ sentences: sentences.length, skipped: 0 });
    expect(sentences.length).toBeGreaterThanOrEqual(64);
    const results = await execute(
      session,
      sentences.map((tokens) => ({ tokens, logits: "all" as const })),
    );
    const [mean, logs] = [new Float64Array(facts.vocabulary), new Float64Array(facts.vocabulary)];
    let positions = 0;
    for (const { logits } of results) {
      for (let at = 0; at < logits!.length; at += facts.vocabulary) {
        const row = logits!.subarray(at, at + facts.vocabulary);
        const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
        for (let v = 0; v < facts.vocabulary; v++) {
          mean[v]! += Math.exp(row[v]!) / total;
          logs[v]! += row[v]! - Math.log(total);
        }
        positions++;
      }
    }
    expect(report.neutral.positions).toBe(positions);
    const offset = of("U2")[0]! - Math.log(mean[0]! / positions);
    let apart = 0;
    for (const v of everyToken) {
      expect(of("U2")[v]! - Math.log(mean[v]! / positions)).toBeCloseTo(offset, 3);
      apart = Math.max(apart, Math.abs(Math.log(mean[v]! / positions) - logs[v]! / positions));
    }
    expect(apart, "the two must be told apart").toBeGreaterThan(0.1);
  });

  it("forces the next token at each position of neutral text, not the one already there", async () => {
    const rows = await neutralRows(context, (row, answer) => ({ ...row, answer }));
    const { sentences } = neutralText(tokenizer, facts.positions);
    expect(rows.map(({ length }) => length)).toEqual(sentences.map(({ length }) => length - 1));
    const first = rows[0]!;
    const read = await model.instruments.read(
      changedRows(first, context, NO_CHANGE),
      first.map(({ answer }) => [answer]),
      0,
    );
    const [forward] = await execute(session, [{ tokens: sentences[0]!, logits: "all" }]);
    for (const i of first.keys()) {
      const logits = forward!.logits!.subarray(i * facts.vocabulary, (i + 1) * facts.vocabulary);
      const logProb =
        logits[sentences[0]![i + 1]!]! - Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      expect(read.logit[i]! - read.logSumExp[i]!).toBeCloseTo(logProb, 3);
    }
  });

  it("U3 averages the predicted distributions over steps and sequences, and knows its own error", async () => {
    const { start, sequences, length, seed } = report.samples!;
    expect(tokenizer.tokenText(start)).toBe("<|endoftext|>");
    const perSequence = Array.from({ length: sequences }, () => new Float64Array(facts.vocabulary));
    await model.instruments.sample({ start, sequences, length, seed }, (i, _, p) => {
      const own = perSequence[i]!;
      for (let v = 0; v < own.length; v++) own[v]! += p[v]! / length;
    });
    const mean = everyToken.map((v) => perSequence.reduce((sum, own) => sum + own[v]!, 0) / sequences);
    expect(mean.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    for (const v of everyToken) expect(of("U3")[v]!).toBeCloseTo(Math.log(mean[v]!), 6);
    const errors = everyToken.map((v) => {
      const variance = perSequence.reduce((sum, own) => sum + (own[v]! - mean[v]!) ** 2, 0) / (sequences - 1);
      return Math.sqrt(variance / sequences);
    });
    const relative = errors.map((error, v) => error / mean[v]!).sort((a, b) => a - b);
    const middle = facts.vocabulary / 2;
    expect(report.samples!.medianRelativeError).toBeCloseTo(
      (relative[middle - 1]! + relative[middle]!) / 2,
      8,
    );
    expect(report.samples!.expectedRelativeError).toBeCloseTo(
      errors.reduce((a, b) => a + b),
      8,
    );
    expect(report.samples!.splitHalf).toBeGreaterThan(0.5);
    // Looks for a cancelled run while it samples.
    expect(calls.filter(([first]) => first!.tokens.length === 1)).toHaveLength(Math.ceil(length / 8));
  });

  it("U4 falls with the place of a token's merge, and says nothing of bytes and special tokens", () => {
    const ranks = tokenizer.mergeRanks!()!;
    const [first, second] = [...ranks].filter(([, rank]) => rank < 2).map(([token]) => token);
    expect(of("U4")[first!]).toBe(0);
    expect(of("U4")[second!]).toBeCloseTo(-Math.log(2), 12);
    expect(of("U4")[0]).toBeNaN();
    expect([...of("U4")].filter((value) => !Number.isNaN(value))).toHaveLength(ranks.size);
  });

  it("uses U3, and the user's counts when there are any; all that are available are compared", async () => {
    expect(report.used).toBe("U3");
    expect(report.agreement.map(({ a, b }) => `${a}-${b}`)).toEqual([
      "U1-U2",
      "U1-U3",
      "U1-U4",
      "U2-U3",
      "U2-U4",
      "U3-U4",
    ]);
    expect(logFrequency!.reduce((a, b) => a + b)).toBeCloseTo(0, 6);
    const counts = everyToken.map((v) => v % 7);
    const counted = await estimateUnigram(quick(), counts);
    expect(counted.report.used).toBe("U5");
    expect(counted.report.mostFrequent[0]).toMatchObject({ token: 6 });
    await expect(estimateUnigram(quick(), [1, 2])).rejects.toThrow(
      /counts: 2 \(expected one per token: 1280\)/,
    );
  });

  it("is estimated once per opened model, but not remembered when it was cancelled", async () => {
    const { instruments } = quick();
    const cancelled = { ...context, instruments, execute: () => Promise.reject(new Error("cancelled")) };
    await expect(frequencyOf(cancelled)).rejects.toThrow("cancelled");
    const before = calls.length;
    const [a, b] = await Promise.all([
      frequencyOf({ ...context, instruments }),
      frequencyOf({ ...context, instruments }),
    ]);
    expect(b).toBe(a);
    const after = calls.length;
    expect(after).toBeGreaterThan(before);
    expect(await frequencyOf({ ...context, instruments })).toBe(a);
    expect(calls.length).toBe(after);
    const other = await frequencyOf({ ...context, instruments, settings: { ...DEFAULT_SETTINGS, seed: 2 } });
    expect(other).not.toBe(a);
  });

  it("says why an estimate is missing", async () => {
    const rms = await estimateUnigram({
      ...quick(),
      model: { ...facts, norm: { kind: "rms", epsilon: 1e-5 } },
      tokenizer: { ...tinyTokenizer(), encode: tokenizer.encode.bind(tokenizer) },
    });
    const reasons = Object.fromEntries(rms.report.estimators.map(({ id, reason }) => [id, reason]));
    expect(reasons.U1).toContain("RMS");
    expect(reasons.U4).toContain("no merges");
    expect(reasons.U5).toContain("no counts");
    expect(reasons.U3).toBeNull();
  });
});
