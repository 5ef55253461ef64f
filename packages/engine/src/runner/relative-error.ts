/** Largest absolute error divided by the largest expected value; NaN counts as infinitely far. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= error)) error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return largest > 0 ? error / largest : error;
}
