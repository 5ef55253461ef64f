type Vector = ArrayLike<number>;

export function dot(a: Vector, b: Vector): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

export const norm = (a: Vector): number => Math.sqrt(dot(a, a));

/** NaN where one of them is zero. */
export function cosine(a: Vector, b: Vector): number {
  const length = norm(a) * norm(b);
  return length > 0 ? dot(a, b) / length : Number.NaN;
}

/** Rows `[n, width]` without each row's mean: the part a LayerNorm does not see. */
export function centreRows<T extends Float32Array | Float64Array>(rows: T, width: number): T {
  const out = rows.slice() as T;
  for (let at = 0; at < out.length; at += width) {
    let mean = 0;
    for (let i = at; i < at + width; i++) mean += out[i]! / width;
    for (let i = at; i < at + width; i++) out[i]! -= mean;
  }
  return out;
}
