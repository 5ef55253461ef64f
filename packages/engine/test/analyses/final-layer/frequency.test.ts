import { Matrix, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  type Frequency,
  frequencyCorrelation,
  frequencyOf,
} from "../../../src/analyses/final-layer/frequency.ts";
import { neuronEffects, neuronWeights } from "../../../src/analyses/final-layer/neuron-effects.ts";
import type { UnigramContext } from "../../../src/analyses/final-layer/unigram.ts";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import { EngineError } from "../../../src/errors.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { seededRandom } from "../../../src/math/random.ts";
import { DEFAULT_SETTINGS } from "../../../src/results/receipt.ts";
import type { Tokenizer } from "../../../src/tokenizers/tokenizer.ts";
import { type ReferenceWeights, referenceInstruments } from "../reference-instruments.ts";

/** A tokenizer that can say nothing: no start token, no words. */
const mute: Tokenizer = {
  vocabularySize: 1,
  bos: { prepended: false, token: null },
  hash: "mute",
  encode: () => {
    throw new EngineError("BAD_TOKENIZER", "no words");
  },
  decode: () => "",
  tokenText: (id) => `t${id}`,
};

const contextOf = (weights: ReferenceWeights): UnigramContext => ({
  model: {
    architecture: "toy",
    layers: 1,
    heads: 1,
    kvHeads: 1,
    width: weights.width,
    headWidth: 1,
    mlpWidth: 1,
    vocabulary: weights.vocabulary,
    positions: 8,
    norm: { kind: weights.norm === "layernorm" ? "layernorm" : "rms", epsilon: 0 },
    tied: false,
    learnedPositions: false,
    block: "serial",
    postNorm: "none",
    logitCap: null,
  },
  instruments: referenceInstruments(weights),
  tokenizer: mute,
  settings: DEFAULT_SETTINGS,
  execute: async () => [],
});

const random = seededRandom("frequency");
const normal = () => (random() + random() + random() + random() - 2) * 2;

const randomWeights = (norm: "rms" | "layernorm", width = 6, vocabulary = 400): ReferenceWeights => ({
  width,
  vocabulary,
  norm,
  epsilon: 0,
  gain: Float64Array.from({ length: width }, () => 1 + normal() / 4),
  bias: null,
  unembedding: Float64Array.from({ length: vocabulary * width }, normal),
  output: () => ({ heads: 1, headWidth: 1, values: [] }),
});

/** What a vector of the residual stream adds to the centred logits under scale 1, `[vocabulary][d_model]`. */
function readout({ width, vocabulary, norm, gain, unembedding }: ReferenceWeights): number[][] {
  const rows = Array.from({ length: vocabulary }, (_, v) =>
    Array.from({ length: width }, (_, d) => unembedding[v * width + d]!),
  );
  const mean = rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / vocabulary);
  return rows.map((row) => {
    const direction = row.map((x, d) => (x - mean[d]!) * gain[d]!);
    const shift = norm === "layernorm" ? direction.reduce((a, b) => a + b) / width : 0;
    return direction.map((x) => x - shift);
  });
}

describe.each(["rms", "layernorm"] as const)(
  "log frequency in the residual stream under %s",
  async (norm) => {
    const weights = randomWeights(norm);
    const counts = Array.from({ length: weights.vocabulary }, (_, v) => Math.round(1000 / (v + 1)));
    const frequency = await frequencyOf(contextOf(weights), counts);
    const M = new Matrix(readout(weights));
    const logs = counts.map((count) => Math.log(count + 0.5));
    const mean = logs.reduce((a, b) => a + b) / logs.length;
    const f = Matrix.columnVector(logs.map((x) => x - mean));

    it("is the least-squares solution of minimum norm, not the weighted sum of unembedding rows", () => {
      // The pseudo-inverse of ml-matrix (SVD) leaves out the direction that a LayerNorm does not hear.
      const solution = solve(M, f, true).to1DArray();
      const length = Math.hypot(...solution);
      for (const [d, value] of solution.entries())
        expect(frequency.direction![d]!).toBeCloseTo(value / length, 4);
      const sum = M.transpose().mmul(f).to1DArray();
      const other =
        Math.abs(sum.reduce((s, x, d) => s + x * frequency.direction![d]!, 0)) / Math.hypot(...sum);
      expect(other, "the two must be told apart").toBeLessThan(0.999);
    });

    it("knows how much of log f it can express", () => {
      const written = M.mmul(solve(M, f, true)).to1DArray();
      const fit = written.reduce((s, x, v) => s + x * f.get(v, 0), 0) / Math.hypot(...written) / f.norm();
      expect(frequency.report.direction!.fit).toBeCloseTo(fit, 5);
      expect(frequency.report.used).toBe("U5");
    });

    it("correlates what vectors write with log f as a loop over the vocabulary does", async () => {
      const vectors = Float32Array.from({ length: 3 * weights.width }, normal);
      const { along, length } = await frequency.push(vectors);
      for (let i = 0; i < 3; i++) {
        const x = Matrix.columnVector([...vectors.subarray(i * weights.width, (i + 1) * weights.width)]);
        const written = M.mmul(x).to1DArray();
        const product = written.reduce((s, value, v) => s + value * f.get(v, 0), 0);
        const expected = product / Math.hypot(...written) / f.norm();
        for (const factor of [2, -0.5])
          expect(frequencyCorrelation(along[i]!, length[i]!, factor, weights.vocabulary)).toBeCloseTo(
            Math.sign(factor) * expected,
            5,
          );
        expect(frequencyCorrelation(along[i]!, length[i]!, 1e-9, weights.vocabulary)).toBeNaN();
      }
    });
  },
);

describe("writing without moving a logit", async () => {
  // Token rows never read coordinate 0: what stands there is heard by the scale alone.
  const [width, vocabulary] = [6, 60];
  const weights = randomWeights("rms", width, vocabulary);
  const blind: ReferenceWeights = {
    ...weights,
    unembedding: Float64Array.from(weights.unembedding, (x, i) => (i % width === 0 ? 0 : x)),
    mlpOutput: () =>
      [
        [4, 0, 0, 0, 0, 0],
        [0, 1, 2, 0, 1, 0],
        [0, 0, 0, 0.1, 0, 0],
      ].flat(),
  };
  const counts = Array.from({ length: vocabulary }, (_, v) => vocabulary - v);
  const context = {
    ...contextOf(blind),
    bootstrap: new FactBootstrap(2, 50, 1),
  } as unknown as FurtherContext;
  const frequency: Frequency = await frequencyOf(context, counts);
  const own = await neuronWeights(context, frequency);
  const prompt = (answer: number) => ({
    answer,
    final: Float32Array.from({ length: width }, normal),
    hidden: Float32Array.of(0.7, 1.2, 0.5),
  });
  const { entropyNeurons, frequencyNeurons } = await neuronEffects(
    [[prompt(3)], [prompt(5)]],
    own,
    frequency,
    context,
  );
  const neuron = (index: number) =>
    [...entropyNeurons, ...frequencyNeurons].find((one) => one.index === index)!;

  it("is what the bottom singular direction is", () => {
    expect(frequency.bottom).toHaveLength(width);
    expect(Math.abs(frequency.bottom[0]!)).toBeCloseTo(1, 5);
    expect([...own.rho].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([1, 0, 0]);
    expect([...own.norm].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([4, 2.4495, 0.1]);
  });

  it("makes an entropy neuron: all of its effect is gone when the scale is frozen, not when log f is", () => {
    expect(neuron(0).viaScale.value).toBeCloseTo(1, 4);
    expect(neuron(0)).toMatchObject({
      entropyNeuron: true,
      frequencyNeuron: false,
      frequencyCorrelation: null,
    });
    expect(Math.abs(neuron(0).entropyEffect.value!)).toBeGreaterThan(1e-3);
    expect(neuron(1).viaScale.value).toBeLessThan(0.9);
  });

  it("does not count the mean, which a LayerNorm takes away, as such a direction", async () => {
    const ones = {
      ...randomWeights("layernorm", width, vocabulary),
      mlpOutput: () => new Float64Array(width).fill(3),
    };
    const centred = contextOf(ones) as unknown as FurtherContext;
    const of = await frequencyOf(centred, counts);
    const total = of.bottom.reduce((a, b) => a + b, 0);
    expect(total).toBeCloseTo(0, 5);
    const { rho, norm } = await neuronWeights(centred, of);
    expect(norm[0]).toBeCloseTo(0, 5);
    expect(rho[0]).toBe(0);
  });

  it("knows nothing of frequency without an estimate, and says so", async () => {
    const none = await frequencyOf(contextOf(blind));
    expect(none).toMatchObject({ logFrequency: null, direction: null });
    expect(none.report).toMatchObject({ used: null, direction: null, samples: null });
    expect(none.report.estimators.every(({ reason }) => reason)).toBe(true);
    const { frequencyNeurons: pushers } = await neuronEffects([[prompt(3)], [prompt(5)]], own, none, context);
    for (const { viaFrequency } of pushers)
      expect(viaFrequency).toMatchObject({
        value: null,
        reason: expect.stringContaining("nothing estimates"),
      });
  });
});
