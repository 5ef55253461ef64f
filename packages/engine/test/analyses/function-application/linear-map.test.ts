import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { linearMap } from "../../../src/analyses/function-application/linear-map.ts";
import { coordinates, ridgeMap, squaresOf } from "../../../src/analyses/function-application/ridge-map.ts";
import { normalFrom, seededRandom } from "../../../src/math/random.ts";
import { ans, arg, buildModelM, sub } from "../../synthetic/model-m-folder.ts";
import { furtherContext, numbers, withMovers } from "./further-context.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const normals = (seed: string) => normalFrom(seededRandom(seed));
const randomMatrix = (rows: number, columns: number, seed: string): Matrix => {
  const normal = normals(seed);
  return new Matrix(range(rows).map(() => range(columns).map(normal)));
};
const r2 = ({ target, predicted }: { target: Matrix; predicted: Matrix }, columns: number) =>
  1 - squaresOf(Matrix.sub(target, predicted), columns) / squaresOf(target, columns);

describe("ridge map over facts", () => {
  const [x, j] = [randomMatrix(40, 5, "x"), randomMatrix(5, 7, "j")];

  it("predicts held-out facts of a linear map exactly, with a constant", () => {
    const y = x.mmul(j).add(3);
    const map = ridgeMap(x, y, 7, 16, "exact", range(40));
    expect(map).toMatchObject({ components: 5, penalty: 1e-6 });
    expect(r2(map.inSample, 7)).toBeCloseTo(1, 9);
    expect(map.heldOut).toHaveLength(5);
    for (const repeat of map.heldOut) expect(r2(repeat, 7)).toBeCloseTo(1, 9);
    expect(map.fullRank).toBeCloseTo(1, 12);
  });

  it("predicts nothing of noise held out, however well it fits in sample", () => {
    const map = ridgeMap(x, randomMatrix(40, 7, "noise"), 7, 5, "noise", range(40));
    for (const repeat of map.heldOut) expect(r2(repeat, 7)).toBeLessThan(0.02);
    expect(map.fullRank).toBeGreaterThan(0.05);
    expect(map.penalty).toBeGreaterThan(0.1);
  });

  it("interpolates in sample with more directions than facts, which is no evidence", () => {
    const wide = randomMatrix(12, 30, "wide");
    const map = ridgeMap(wide, randomMatrix(12, 4, "other"), 4, 6, "wide", range(12));
    expect(map.fullRank).toBeCloseTo(1, 9);
    expect(r2(map.inSample, 4)).toBeLessThan(0.999);
    for (const repeat of map.heldOut) expect(r2(repeat, 4)).toBeLessThan(0.2);
  });

  it("holds out facts: each is measured from its training facts' mean, never from its own", () => {
    const y = new Matrix([[10], [0], [0], [0], [0]]);
    const map = ridgeMap(randomMatrix(5, 2, "five"), y, 1, 2, "held out", range(5));
    for (const { target } of map.heldOut) {
      expect(target.get(0, 0)).toBeCloseTo(10, 12);
      expect(target.get(1, 0)).toBeCloseTo(-2.5, 12);
    }
    expect(map.inSample.target.get(0, 0)).toBeCloseTo(8, 12);
  });

  it("lets further targets come along without a say in the penalty", () => {
    const y = x.mmul(j);
    const both = Matrix.zeros(40, 8);
    both.setSubMatrix(y, 0, 0);
    both.setColumn(
      7,
      normals("loud")() > 9
        ? []
        : range(40)
            .map(normals("loud 2"))
            .map((v) => 1000 * v),
    );
    const map = ridgeMap(x, both, 7, 5, "along", range(40));
    expect(map.penalty).toBe(1e-6);
    for (const repeat of map.heldOut) expect(r2(repeat, 7)).toBeCloseTo(1, 9);
  });

  it("gives the same held-out numbers whatever the order of facts", () => {
    const y = Matrix.add(x.mmul(j), randomMatrix(40, 7, "some noise"));
    const reversed = range(40).reverse();
    const rows = (m: Matrix) => new Matrix(reversed.map((row) => m.getRow(row)));
    const [a, b] = [
      ridgeMap(x, y, 7, 3, "order", range(40)),
      ridgeMap(rows(x), rows(y), 7, 3, "order", reversed),
    ];
    expect(b.penalty).toBe(a.penalty);
    for (const [k, { predicted }] of a.heldOut.entries())
      expect(Matrix.sub(rows(b.heldOut[k]!.predicted), predicted).norm()).toBeLessThan(1e-9);
  });

  it("is nothing where x does not vary", () => {
    const map = ridgeMap(Matrix.ones(10, 2), randomMatrix(10, 2, "y"), 2, 5, "constant", range(10));
    expect(map.components).toBe(0);
    expect(squaresOf(map.inSample.predicted, 2)).toBe(0);
    expect(map.fullRank).toBeCloseTo(0, 12);
  });

  it("keeps distances when points become coordinates", () => {
    const points = randomMatrix(6, 50, "points");
    const own = coordinates(points.mmul(points.transpose()));
    expect(own.columns).toBe(6);
    expect(Matrix.sub(own.mmul(own.transpose()), points.mmul(points.transpose())).norm()).toBeLessThan(1e-9);
  });
});

describe("linear map of model M: a look-up", async () => {
  const context = await furtherContext(await buildModelM({ facts: 12 }));
  const report = await linearMap.run(withMovers(context, "L0H0"));
  const [first, last] = report.layers;

  it("is perfectly linear in sample and fails on facts left out", () => {
    expect(report).toMatchObject({ facts: 12, folds: 5, repeats: 5, movers: ["L0H0"], chance: 1 / 12 });
    expect(first).toMatchObject({ layer: 0, heads: ["L0H0"], components: 6 });
    expect(first!.r2FullRank).toBeCloseTo(1, 5);
    expect(first!.r2HeldOut.value).toBeLessThan(0.001);
    expect(first!.accuracyHeldOut.value).toBe(0);
    expect(first!.accuracyOfOutput.value).toBe(1);
    expect(first!.accuracyGap).toMatchObject({ value: 1, low: 1, high: 1, n: 12 });
    expect(first!.verdict).toBe("look-up");
  });

  it("explains 6 of 11 equal directions in sample with 6 components, not all of it", () => {
    expect(first!.r2InSample).toBeLessThanOrEqual(6 / 11 + 1e-6);
  });

  it("has nothing to explain where the MLP writes the same for all", () => {
    expect(last).toMatchObject({
      layer: 1,
      verdict: "inconclusive",
      reason: "the MLP's output is the same for all facts",
      r2HeldOut: { value: null },
      heldOutP: null,
    });
  });

  it("judges nothing on 5 facts, measures nothing on 3, and says why without movers", async () => {
    const few = await furtherContext(await buildModelM({ facts: 5 }));
    const five = await linearMap.run(withMovers(few, "L0H0"));
    expect(five.layers[0]).toMatchObject({
      components: 2,
      verdict: "inconclusive",
      reason: expect.stringMatching(/5 facts/),
    });
    expect(five.layers[0]!.r2FullRank).toBeCloseTo(1, 5);
    expect(five.layers[0]!.accuracyHeldOut.value).toBe(0);
    expect(five.layers[0]!.accuracyOfOutput.value).toBe(1);
    expect(Math.abs(five.layers[0]!.r2HeldOut.value!)).toBeLessThan(1e-4);
    const three = await linearMap.run({ ...withMovers(few, "L0H0"), measured: few.measured.slice(0, 3) });
    expect(three).toMatchObject({ layers: [], reason: expect.stringMatching(/3 facts/) });
    expect(await linearMap.run(few)).toMatchObject({
      layers: [],
      reason: expect.stringMatching(/too few known facts/),
    });
    for (const each of [five, report])
      expect([...numbers(each)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });
});

describe("linear map of an MLP that is one", async () => {
  const [F, D] = [12, 3];
  // Opposite pairs of unit vectors, so that the mean of all is 0.
  const normal = normals("embedded subjects");
  const half = range(F / 2).map(() => {
    const own = range(D).map(normal);
    const length = Math.hypot(...own);
    return own.map((value) => value / length);
  });
  const z = [...half, ...half.map((own) => own.map((value) => -value))];
  // The mover brings subjects as unit vectors over 3 features; the MLP maps them linearly, each answer where its subject points.
  const model = await buildModelM({
    facts: F,
    change: ([first, last]) => [
      {
        heads: first!.heads.map((head, h) =>
          h === 0
            ? {
                ...head,
                ov: range(F).flatMap((f) =>
                  range(D).map((j) => ({ from: sub(f), to: arg(j), gain: 2 * z[f]![j]! })),
                ),
              }
            : head,
        ),
        neurons: range(D).flatMap((j) =>
          [1, -1].map((sign) => ({
            in: { [arg(j)]: sign },
            bias: 0,
            out: Object.fromEntries(range(F).map((f) => [ans(0, f), sign * z[f]![j]!])),
          })),
        ),
      },
      last!,
    ],
  });
  const report = await linearMap.run(withMovers(await furtherContext(model), "L0H0"));

  it("holds for facts that it has not seen", () => {
    expect(report.layers[0]!.components).toBe(3);
    expect(report.layers[0]!.r2HeldOut.value).toBeGreaterThan(0.9999);
    expect(report.layers[0]!.r2InSample).toBeGreaterThan(0.9999);
    expect(report.layers[0]!.accuracyHeldOut.value).toBeGreaterThan(0.9);
    expect(report.layers[0]!.verdict).toBe("generalises");
  });
});
