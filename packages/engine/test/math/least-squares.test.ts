import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { type Fit, fitFamilies } from "../../src/analyses/mlp-activation/fit.ts";
import { headWeights } from "../../src/analyses/mlp-activation/head-weights.ts";
import { centredMoments, factMoments, gramWithout } from "../../src/analyses/mlp-activation/moments.ts";
import {
  type Gram,
  nestedSolver,
  residualSquares,
  residualSquaresOf,
  solve,
  spectrumOf,
} from "../../src/math/least-squares.ts";
import { seededRandom } from "../../src/math/random.ts";
import { standardDeviation } from "../../src/math/statistics.ts";
import { referenceInstruments } from "../analyses/reference-instruments.ts";

const random = seededRandom("least squares");
const normal = (next = random) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const randomMatrix = (rows: number, columns: number) =>
  new Matrix(rows, columns).apply(function (this: Matrix, i, j) {
    this.set(i, j, normal());
  });

/** Sums of products of the columns of x, then of m. */
const gramOf = (x: Matrix, m: Matrix): Gram => {
  const both = new Matrix(x.to2DArray().map((row, i) => [...row, m.get(i, 0)]));
  return { columns: both.columns, values: Float64Array.from(both.transpose().mmul(both).to1DArray()) };
};
const first = (count: number) => Array.from({ length: count }, (_, k) => k);
/** Weights of the last column on the others. */
const regress = (gram: Gram, lambda: number | null = null) => {
  const spectrum = spectrumOf(gram, first(gram.columns - 1));
  return { ...spectrum, weights: solve(spectrum, gram.columns - 1, lambda) };
};

describe("least squares from sums of products", () => {
  const x = randomMatrix(40, 4);
  const w = [1.5, -1, 0, -0.5];
  const exact = x.mmul(Matrix.columnVector(w));

  it("recovers exact weights", () => {
    const { weights, rank } = regress(gramOf(x, exact));
    for (const [k, weight] of weights.entries()) expect(weight).toBeCloseTo(w[k]!, 9);
    expect(rank).toBe(4);
  });

  it("does not depend on the regressors' units", () => {
    const m = exact.clone().add(randomMatrix(40, 1));
    const units = [1, 1e-3, 1e3, 10];
    const scaled = x.clone();
    for (const [k, unit] of units.entries()) scaled.mulColumn(k, unit);
    for (const lambda of [null, 0.1]) {
      const plain = regress(gramOf(x, m), lambda).weights;
      const other = regress(gramOf(scaled, m), lambda).weights;
      for (const [k, unit] of units.entries()) expect(other[k]! * unit).toBeCloseTo(plain[k]!, 9);
    }
  });

  it("gives a regressor that does not vary no weight", () => {
    const constant = x.clone();
    for (let i = 0; i < 40; i++) constant.set(i, 3, 0);
    const { weights, inflation, rank } = regress(gramOf(constant, constant.mmul(Matrix.columnVector(w))));
    expect([weights[3], inflation[3], rank]).toEqual([null, null, 3]);
    expect(weights[0]).toBeCloseTo(1.5, 9);
  });

  it("spreads collinear regressors with minimum norm on the standardised scale", () => {
    // x2 = 2 x1, m = x1: (.5, .25), not the raw pseudo-inverse's (.2, .4).
    const x1 = x.getColumn(0);
    const { weights, rank, inflation, condition } = regress(
      gramOf(new Matrix(x1.map((value) => [value, 2 * value])), Matrix.columnVector(x1)),
    );
    expect(weights[0]).toBeCloseTo(0.5, 9);
    expect(weights[1]).toBeCloseTo(0.25, 9);
    expect(rank).toBe(1);
    expect(inflation).toEqual([null, null]);
    expect(condition === null || condition > 1e10).toBe(true);
  });

  it("splits a duplicated regressor and keeps the sum", () => {
    const twin = new Matrix(x.to2DArray().map(([a, b, c]) => [a!, b!, c!, a!]));
    const { weights, rank } = regress(gramOf(twin, twin.mmul(Matrix.columnVector([0.5, -2, 1.25, 0]))));
    expect(rank).toBe(3);
    for (const [k, weight] of [0.25, -2, 1.25, 0.25].entries()) expect(weights[k]).toBeCloseTo(weight, 8);
  });

  it("shrinks with lambda on the standardised scale", () => {
    const one = { columns: 2, values: Float64Array.of(4, 8, 8, 16) };
    expect(regress(one, 1).weights[0]).toBeCloseTo(1, 12);
    expect(nestedSolver(one, [0])(1, 1, 1)[0]).toBeCloseTo(1, 12);
  });

  it("gives variance inflation 1 / (1 - r^2) for two regressors", () => {
    const { inflation, condition } = regress({
      columns: 3,
      values: Float64Array.of(1, 0.8, 0, 0.8, 1, 0, 0, 0, 1),
    });
    expect(inflation[0]).toBeCloseTo(1 / 0.36, 9);
    expect(condition).toBeCloseTo(9, 9);
  });

  it("has nothing to say without regressors that vary", () => {
    const nothing = { columns: 2, values: Float64Array.of(0, 0, 0, 3) };
    expect(regress(nothing)).toMatchObject({ weights: [null], rank: 0, condition: null });
    expect([...nestedSolver(nothing, [0])(1, 1, null)]).toEqual([0]);
  });

  it("solves every leading part from one factor", () => {
    const m = exact.clone().add(randomMatrix(40, 1));
    const gram = gramOf(x, m);
    const nested = nestedSolver(gram, first(4));
    for (const lambda of [null, 1e-3, 1]) {
      for (const count of [1, 2, 3, 4]) {
        const expected = solve(spectrumOf(gram, first(count)), 4, lambda);
        const actual = nested(count, 4, lambda);
        for (let k = 0; k < count; k++) expect(actual[k]).toBeCloseTo(expected[k]!, 10);
      }
    }
  });

  it("solves a leading part that the whole list dwarfs, and a singular one", () => {
    const [tiny, twin] = [x.clone(), x.clone()];
    tiny.mulColumn(0, 1e-8);
    for (let i = 0; i < 40; i++) twin.set(i, 1, twin.get(i, 0));
    const m = Matrix.columnVector(x.getColumn(0));
    expect(nestedSolver(gramOf(tiny, m), first(4))(1, 4, null)[0]! * 1e-8).toBeCloseTo(1, 9);
    const [a, b] = nestedSolver(gramOf(twin, m), first(4))(2, 4, null);
    expect([a! + b!, a! - b!]).toEqual([expect.closeTo(1, 8), expect.closeTo(0, 6)]);
  });

  it("gives the residual's sum of squares", () => {
    const m = exact.clone().add(randomMatrix(40, 1));
    const gram = gramOf(x, m);
    const weights = [1, 0, -2, 0.5];
    const residual = Matrix.sub(m, x.mmul(Matrix.columnVector(weights)));
    expect(residualSquares(gram, first(4), 4, weights)).toBeCloseTo(residual.norm() ** 2, 9);
  });

  it.each([0, 1, 2, 3, 4, 5, 8, 9])("gives those of %i weights at once, in their order", (count) => {
    const gram = gramOf(x, exact.clone().add(randomMatrix(40, 1)));
    // Some regressors of the list, out of order.
    const own = [2, 0, 3];
    const weights = Array.from({ length: count }, () => Float64Array.from(own, () => normal()));
    const together = residualSquaresOf(gram, own, 4, weights);
    expect(together).toHaveLength(count);
    for (const [i, one] of weights.entries()) {
      let expected = gram.values[4 * 5 + 4]!;
      for (const [a, p] of own.entries()) {
        expected -= 2 * one[a]! * gram.values[p * 5 + 4]!;
        for (const [b, q] of own.entries()) expected += one[a]! * one[b]! * gram.values[p * 5 + q]!;
      }
      expect(together[i], `${i}`).toBeCloseTo(expected, 9);
    }
  });

  it("solves for many regressors as for few", () => {
    const wide = randomMatrix(60, 11);
    const gram = gramOf(wide, randomMatrix(60, 1));
    const nested = nestedSolver(gram, first(11));
    for (const lambda of [null, 1e-3, 1])
      for (let count = 1; count <= 11; count++) {
        const expected = solve(spectrumOf(gram, first(count)), 11, lambda);
        const actual = nested(count, 11, lambda);
        for (let k = 0; k < count; k++) expect(actual[k], `${count}: ${k}`).toBeCloseTo(expected[k]!, 10);
      }
  });
});

describe("errors clustered by fact", () => {
  const [N, K, width] = [48, 3, 8];
  const instruments = referenceInstruments({
    ...{ width, vocabulary: 1, norm: "none", epsilon: 0, gain: [], bias: null },
    unembedding: new Float64Array(width),
    output: () => ({ heads: 0, headWidth: 0, values: [] }),
  });
  /** Coordinates of a prompt share noise: x = z + g / 2, m = x w + b + e. */
  const draw = async (facts: number, seed: string) => {
    const next = seededRandom(seed);
    const moments = await Promise.all(
      Array.from({ length: facts }, () => {
        const x = Array.from({ length: K }, () => {
          const z = normal(next);
          return Array.from({ length: width }, () => z + 0.5 * normal(next));
        });
        const e = normal(next);
        const m = Array.from({ length: width }, (_, d) => 0.7 * x[0]![d]! - x[1]![d]! + d + e);
        return factMoments([Float32Array.from([...x.flat(), ...m])], width, instruments);
      }),
    );
    const all = await centredMoments(moments, width, instruments);
    const without = await Promise.all(moments.map((fact) => gramWithout(fact, all, instruments)));
    const family = [{ regressors: [0, 1, 2], target: 3 }];
    const cut = () => Promise.reject(new Error("nothing is held out"));
    const samples = { all: all.gram, facts, selection: [], evaluation: [], without, cut };
    const [[fit]] = (await fitFamilies([family], samples)) as [[Fit]];
    return { fit, moments, without };
  };

  it("match the spread of the weights over repetitions", async () => {
    const draws = await Promise.all(Array.from({ length: 400 }, (_, i) => draw(N, `repetition ${i}`)));
    const spread = standardDeviation(draws.map(({ fit }) => fit.weights[0]!))!;
    const errors = draws.map(({ fit }) => headWeights([0, 1, 2], fit, N, 3)[0]!.standardError!);
    const mean = errors.reduce((a, b) => a + b) / errors.length;
    expect(mean / spread).toBeGreaterThan(0.85);
    expect(mean / spread).toBeLessThan(1.15);
    // As if all N * d residuals were independent, with variance 1: less than half.
    const naive = 1 / Math.sqrt(N * width * 1.25);
    expect(naive).toBeLessThan(spread / 2);
  });

  it("cover the true weight in about 95 of 100 repetitions, with 48 facts and with 9", async () => {
    for (const facts of [N, 9]) {
      let covered = 0;
      for (let i = 0; i < 300; i++) {
        const [first] = headWeights([0, 1, 2], (await draw(facts, `coverage ${facts} ${i}`)).fit, facts, 3);
        if (first!.low! <= 0.7 && first!.high! >= 0.7) covered++;
      }
      expect(covered / 300, `${facts} facts`).toBeGreaterThan(0.89);
      expect(covered / 300, `${facts} facts`).toBeLessThan(0.995);
    }
  });

  it("add up the same sums of products however prompts are grouped into facts", async () => {
    const columns = Array.from({ length: 6 }, () => Float32Array.from({ length: 4 * width }, () => normal()));
    const gramOfGroups = async (sizes: number[]) => {
      let at = 0;
      const groups = sizes.map((size) => {
        at += size;
        return factMoments(columns.slice(at - size, at), width, instruments);
      });
      return (await centredMoments(await Promise.all(groups), width, instruments)).gram.values;
    };
    const direct = Float64Array.from({ length: 16 }, (_, i) => {
      let total = 0;
      for (let d = 0; d < width; d++) {
        const values = [Math.floor(i / 4), i % 4].map((c) => columns.map((column) => column[c * width + d]!));
        const [a, b] = values.map((own) => own.map((x) => x - own.reduce((sum, y) => sum + y) / 6));
        total += a!.reduce((sum, x, n) => sum + x * b![n]!, 0);
      }
      return total;
    });
    for (const sizes of [[6], [1, 1, 1, 1, 1, 1], [2, 4], [3, 1, 2]]) {
      for (const [i, value] of (await gramOfGroups(sizes)).entries())
        expect(value).toBeCloseTo(direct[i]!, 4);
    }
  });

  it("come from fits that really leave a fact out", async () => {
    const { moments, without } = await draw(10, "left out");
    const { gram } = await centredMoments(moments.slice(1), width, instruments);
    for (const [i, value] of gram.values.entries()) expect(without[0]!.values[i]).toBeCloseTo(value, 3);
  });

  it("are not given for fewer than 8 facts", async () => {
    const [first] = headWeights([0, 1, 2], (await draw(7, "few")).fit, 7, 3);
    expect(first).toMatchObject({ low: null, high: null, standardError: null, verdict: "no evidence" });
    expect(first!.weight).not.toBeNull();
  });
});
