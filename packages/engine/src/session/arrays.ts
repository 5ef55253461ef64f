import type { Array2 } from "./onnx-session.ts";

/** Rows `[from, from + count)` of a matrix of the given width, as a view. */
export const rowsOf = (data: Float32Array, from: number, count: number, width: number): Array2 => ({
  data: data.subarray(from * width, (from + count) * width),
  dims: [count, width],
});

export const int64 = (values: ArrayLike<number>, dims: readonly number[] = [values.length]): Array2 => ({
  data: BigInt64Array.from(values as number[], (value) => BigInt(value)),
  dims,
});
