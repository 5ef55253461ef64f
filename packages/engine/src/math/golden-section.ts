const RATIO = (Math.sqrt(5) - 1) / 2;

/** Place of the largest value of a function with one peak in `[low, high]`, to `tolerance`; one evaluation per step. */
export async function goldenSection(
  value: (x: number) => Promise<number>,
  low: number,
  high: number,
  tolerance: number,
): Promise<number> {
  let [a, b] = [low, high];
  let left = { x: b - RATIO * (b - a), y: 0 };
  let right = { x: a + RATIO * (b - a), y: 0 };
  left.y = await value(left.x);
  right.y = await value(right.x);
  while (b - a > tolerance) {
    if (left.y >= right.y) {
      b = right.x;
      right = left;
      left = { x: b - RATIO * (b - a), y: 0 };
      left.y = await value(left.x);
    } else {
      a = left.x;
      left = right;
      right = { x: a + RATIO * (b - a), y: 0 };
      right.y = await value(right.x);
    }
  }
  return (a + b) / 2;
}
