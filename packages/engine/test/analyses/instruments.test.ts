import { afterAll, describe, expect, it } from "vitest";
import type { NormSpec } from "../../src/architectures/architecture.ts";
import { readTensor } from "../../src/checkpoints/read-tensor.ts";
import { seededRandom } from "../../src/math/random.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";
import { referenceInstruments } from "./reference-instruments.ts";

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 4) => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]!, `at ${i}`).toBeCloseTo(expected[i]!, digits);
};

/** Analyses are tested on the reference instruments: the real ones must be the same. */
describe.each(FAMILIES)("instruments of %s", async (family) => {
  const { session } = await openOracle(family);
  const { facts, finalNorm, unembedding, block } = session.spec;
  const { width, vocabulary, heads, headWidth, norm } = facts;
  const real = await openInstruments(session);
  const { weight, layout } = block(1).out;
  const matrix = await readTensor(session.tensor(weight));
  const gainOf = async (spec: NormSpec | null): Promise<ArrayLike<number>> => {
    if (!spec?.weight) return new Float64Array(width).fill(1);
    const stored = await readTensor(session.tensor(spec.weight));
    return Float64Array.from(stored, (value) => (spec.plusOne ? 1 + value : value));
  };
  const unembeddingOf = async (): Promise<ArrayLike<number>> => {
    const stored = await readTensor(session.tensor(unembedding.weight));
    const { projection } = unembedding;
    if (!projection) return stored;
    const through = await readTensor(session.tensor(projection.linear.weight));
    return Float64Array.from({ length: vocabulary * width }, (_, i) => {
      const [v, d] = [Math.floor(i / width), i % width];
      let total = 0;
      for (let e = 0; e < projection.width; e++)
        total += stored[v * projection.width + e]! * through[e * width + d]!;
      return total;
    });
  };
  const written =
    facts.postNorm === "output"
      ? await gainOf(block(1).postNorms!.attention)
      : new Float64Array(width).fill(1);
  const reference = referenceInstruments({
    width,
    vocabulary,
    norm: finalNorm ? norm.kind : "none",
    epsilon: norm.epsilon,
    gain: await gainOf(finalNorm),
    bias: finalNorm?.bias ? await readTensor(session.tensor(finalNorm.bias)) : null,
    cap: facts.logitCap,
    unembedding: await unembeddingOf(),
    output: () => ({
      heads,
      headWidth,
      values: Float64Array.from({ length: heads * headWidth * width }, (_, i) => {
        const [row, d] = [Math.floor(i / width), i % width];
        return (layout === "in_out" ? matrix[i]! : matrix[d * heads * headWidth + row]!) * written[d]!;
      }),
    }),
  });
  const random = seededRandom(family);
  const rows = Float32Array.from({ length: 5 * width }, () => 4 * random() - 2 + 0.5);
  const tokens = [0, 7, vocabulary - 1, 3];
  afterAll(() => session.close());

  it("norm rows with their own scale and with a frozen one", () => {
    close(real.scales(rows), reference.scales(rows), 5);
    close(real.normalise(rows), reference.normalise(rows));
    close(real.normalise(rows, [1, 2, 3, 4, 5]), reference.normalise(rows, [1, 2, 3, 4, 5]));
  });

  it("read logits, ranks, sums and entropy", async () => {
    const normed = real.normalise(rows);
    const targets = [0, 1, 2, 3, 4].map((i) => tokens.map((token) => (token + i) % vocabulary));
    const [a, b] = [await real.read(normed, targets, 2), await reference.read(normed, targets, 2)];
    for (const key of ["logit", "logSumExp", "mean", "entropy"] as const) close(a[key], b[key]);
    expect([...a.rank]).toEqual([...b.rank]);
  });

  it("find the largest logits, and both ends of a vector's", async () => {
    const normed = real.normalise(rows);
    const [a, b] = [await real.top(normed, 6), await reference.top(normed, 6)];
    expect(a.map((list) => list.map(({ token }) => token))).toEqual(
      b.map((list) => list.map(({ token }) => token)),
    );
    const vectors = rows.slice(0, 3 * width);
    const [c, d] = [await real.frozenLogits(vectors, 1.7, 5), await reference.frozenLogits(vectors, 1.7, 5)];
    expect(c).toHaveLength(3);
    for (const [i, own] of c.entries()) {
      for (const end of ["top", "bottom"] as const) {
        expect(own[end].map(({ token }) => token)).toEqual(d[i]![end].map(({ token }) => token));
        close(
          own[end].map(({ value }) => value),
          d[i]![end].map(({ value }) => value),
        );
      }
    }
  });

  it("give the directions that attributions are taken along", async () => {
    close(await real.directions(tokens), await reference.directions(tokens), 5);
    close(await real.constants(tokens), await reference.constants(tokens), 5);
    // <direction_v, x> / scale + constant is the centred logit, by definition.
    const x = rows.slice(0, width);
    const read = await reference.read(reference.normalise(x), [tokens], 1, { beforeCap: true });
    const [directions, constants] = [await real.directions(tokens), await real.constants(tokens)];
    const scale = real.scales(x)[0]!;
    for (const [t, constant] of constants.entries()) {
      let total = constant;
      for (let d = 0; d < width; d++) total += (directions[t * width + d]! * x[d]!) / scale;
      expect(total).toBeCloseTo(read.logit[t]! - read.mean[0]!, 4);
    }
  });

  it("multiply, and measure what a head writes", async () => {
    close(await real.product(rows, rows, width), await reference.product(rows, rows, width), 3);
    // A large common part: its digits must not cost those of the deviations.
    const samples = Float32Array.from(
      { length: 5 * 3 * width },
      (_, i) => 100 + rows[i % rows.length]! * (i % 7),
    );
    const [moments, expected] = [
      await real.moments(samples, 3, width),
      await reference.moments(samples, 3, width),
    ];
    // Rounded as the deviations are, not as what they have in common.
    const spread = samples.reduce((most, value, i) => {
      const own = Math.abs(value - expected.mean[i % expected.mean.length]!);
      return Math.max(most, own);
    }, 0);
    expect(distance(moments.mean, expected.mean)).toBeLessThan(2e-7 * spread);
    close(moments.within, expected.within, 3);
    const one = await real.moments(samples.subarray(0, 3 * width), 3, width);
    expect([...one.mean]).toEqual([...samples.subarray(0, 3 * width)]);
    expect(one.within.every((value) => value === 0)).toBe(true);
    // All others lie far from the first one: their own deviations keep their digits.
    const apart = samples.map((value, i) => (i < 3 * width ? value + 1e4 : value / 16));
    const [far, near] = [await real.moments(apart, 3, width), await reference.moments(apart, 3, width)];
    for (const [i, value] of near.within.entries())
      expect(Math.abs(far.within[i]! / value - 1), `${i}`).toBeLessThan(1e-5);
    close(await real.outputForms(1), await reference.outputForms(1), 4);
  });

  it("see directions from a head's values, through W_O and not its transpose", async () => {
    close(await real.unembedding(tokens), await reference.unembedding(tokens), 6);
    const directions = await real.directions(tokens);
    close(await real.valueDirections(1, directions), await reference.valueDirections(1, directions), 5);
  });
});
