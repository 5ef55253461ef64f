import { describe, expect, it } from "vitest";
import { choleskyFactor, substitute } from "../../src/math/cholesky.ts";
import { seededRandom } from "../../src/math/random.ts";

const random = seededRandom("cholesky");
/** Positive definite, its condition moderate. */
const matrixOf = (size: number) => {
  const raw = Array.from({ length: size }, () => Array.from({ length: size }, () => random() - 0.5));
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return raw[i]!.reduce((sum, value, k) => sum + value * raw[j]![k]!, i === j ? 0.5 : 0);
  });
};

// Sizes without a whole tile of 4, of whole tiles alone, and with every rest.
describe.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 19, 32])("Cholesky factor of size %i", (size) => {
  const matrix = matrixOf(size);
  const lower = choleskyFactor(matrix.slice(), size, 0)!;

  it("times its transpose is the matrix", () => {
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++) {
        let total = 0;
        for (let k = 0; k <= j; k++) total += lower[i * size + k]! * lower[j * size + k]!;
        expect(total, `${i}, ${j}`).toBeCloseTo(matrix[i * size + j]!, 13);
      }
  });

  it("is made in place, and what stands above the diagonal is left as it is", () => {
    const own = matrix.slice();
    expect(choleskyFactor(own, size, 0)).toBe(own);
    for (let i = 0; i < size; i++)
      for (let j = i + 1; j < size; j++) expect(own[i * size + j]).toBe(matrix[i * size + j]);
  });

  it("solves every leading part, whatever stands above the diagonal", () => {
    for (let count = 1; count <= size; count++) {
      const x = Float64Array.from({ length: count }, () => random() - 0.5);
      const b = x.map((_, i) => x.reduce((sum, value, j) => sum + matrix[i * size + j]! * value, 0));
      const solved = substitute(lower, size, b);
      for (let i = 0; i < count; i++) expect(solved[i], `${count}: ${i}`).toBeCloseTo(x[i]!, 11);
    }
  });

  it("is none where any one squared pivot is not above the cut", () => {
    for (let at = 0; at < size; at++) {
      const singular = matrix.slice();
      singular[at * size + at]! -= lower[at * size + at]! ** 2;
      expect(choleskyFactor(singular, size, 1e-12), `${at}`).toBeNull();
    }
    const smallest = Math.min(...Array.from({ length: size }, (_, i) => lower[i * size + i]! ** 2));
    expect(choleskyFactor(matrix.slice(), size, smallest * (1 - 1e-9))).not.toBeNull();
    expect(choleskyFactor(matrix.slice(), size, smallest * (1 + 1e-9))).toBeNull();
  });
});
