import { Matrix } from "ml-matrix";
import { expect, it } from "vitest";
import { heldOutScores, LAMBDAS } from "../../../src/analyses/mlp-activation/fit.ts";
import { type FactMoments, factMoments } from "../../../src/analyses/mlp-activation/moments.ts";
import { cut } from "../../../src/analyses/mlp-activation/samples.ts";
import { referenceInstruments } from "../reference-instruments.ts";
import { normals } from "./made-run.ts";

const [PARTS, K, WIDTH] = [4, 12, 3];
const instruments = referenceInstruments({
  ...{ width: WIDTH, vocabulary: 1, norm: "none", epsilon: 0, gain: [], bias: null },
  unembedding: new Float64Array(WIDTH),
  output: () => ({ heads: 0, headWidth: 0, values: [] }),
});
const problem = { regressors: Array.from({ length: K }, (_, k) => k), target: K };

/** Rows (prompt, coordinate) of parts with more regressors than parts, columns x then m, and their moments. */
async function made(seed: string) {
  const normal = normals(seed);
  const parts = Array.from({ length: PARTS }, () =>
    [0, 1, 2].map(() => Float32Array.from({ length: (K + 1) * WIDTH }, normal)),
  );
  for (const prompt of parts.flat())
    for (let d = 0; d < WIDTH; d++) prompt[K * WIDTH + d]! += 0.8 * prompt[d]!;
  const moments: FactMoments[] = [];
  for (const part of parts) moments.push(await factMoments(part, WIDTH, instruments));
  return { parts, moments };
}

/** The same by textbook: demeaned rows, ridge on standardised columns. */
function textbook(parts: readonly Float32Array[][], held: number): number {
  const rows = (chosen: readonly Float32Array[][], about: readonly Float32Array[][]) => {
    const mean = Array.from({ length: (K + 1) * WIDTH }, (_, i) => {
      const all = about.flat();
      return all.reduce((sum, prompt) => sum + prompt[i]!, 0) / all.length;
    });
    return chosen
      .flat()
      .flatMap((prompt) =>
        Array.from({ length: WIDTH }, (_, d) =>
          Array.from({ length: K + 1 }, (_, k) => prompt[k * WIDTH + d]! - mean[k * WIDTH + d]!),
        ),
      );
  };
  const fit = (train: readonly Float32Array[][], lambda: number) => {
    const own = rows(train, train);
    const x = new Matrix(own.map((row) => row.slice(0, K)));
    const scale = Array.from({ length: K }, (_, k) =>
      Math.sqrt(own.reduce((sum, row) => sum + row[k]! ** 2, 0)),
    );
    for (const [k, value] of scale.entries()) x.mulColumn(k, 1 / value);
    const left = x.transpose().mmul(x).add(Matrix.eye(K).mul(lambda));
    const right = x.transpose().mmul(Matrix.columnVector(own.map((row) => row[K]!)));
    const solved = left.clone();
    return new Matrix(
      solveByElimination(solved.to2DArray(), right.to1DArray()).map((value, k) => [value / scale[k]!]),
    );
  };
  const error = (test: readonly Float32Array[][], train: readonly Float32Array[][], w: Matrix) =>
    rows(test, train).reduce(
      (sum, row) => sum + (row[K]! - row.slice(0, K).reduce((s, x, k) => s + x * w.get(k, 0), 0)) ** 2,
      0,
    );
  const train = parts.filter((_, i) => i !== held);
  const errors = LAMBDAS.map((lambda) =>
    train.reduce((sum, inner) => {
      const rest = train.filter((part) => part !== inner);
      return sum + error([inner], rest, fit(rest, lambda));
    }, 0),
  );
  const lambda = LAMBDAS[errors.indexOf(Math.min(...errors))]!;
  const total = rows([parts[held]!], train).reduce((sum, row) => sum + row[K]! ** 2, 0);
  return 1 - error([parts[held]!], train, fit(train, lambda)) / total;
}

function solveByElimination(a: number[][], b: number[]): number[] {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    for (let row = i + 1; row < n; row++) {
      const factor = a[row]![i]! / a[i]![i]!;
      for (let column = i; column < n; column++) a[row]![column]! -= factor * a[i]![column]!;
      b[row]! -= factor * b[i]!;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let column = i + 1; column < n; column++) b[i]! -= a[i]![column]! * b[column]!;
    b[i]! /= a[i]![i]!;
  }
  return b;
}

it("chooses the penalty of a held-out part on the other parts alone", async () => {
  for (const seed of ["a", "b", "c"]) {
    const { parts, moments } = await made(seed);
    const [[scores]] = (await heldOutScores([[problem]], [[true]], moments, (train, tests) =>
      cut(train, tests, WIDTH, instruments),
    )) as [[number[]]];
    for (const [held, score] of scores.entries())
      expect(score, `${seed} ${held}`).toBeCloseTo(textbook(parts, held), 4);
  }
});
