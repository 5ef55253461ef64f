type Vector = ArrayLike<number>;

export function dot(a: Vector, b: Vector): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

export const norm = (a: Vector): number => Math.sqrt(dot(a, a));

/** null where one of them is zero. */
export function cosine(a: Vector, b: Vector): number | null {
  const [aa, bb] = [dot(a, a), dot(b, b)];
  return aa > 0 && bb > 0 ? dot(a, b) / Math.sqrt(aa * bb) : null;
}

/** Mean of at least one row. */
export function meanOfRows(rows: readonly Vector[]): Float64Array {
  const out = new Float64Array(rows[0]!.length);
  for (const row of rows) for (let d = 0; d < out.length; d++) out[d]! += row[d]! / rows.length;
  return out;
}

/** Takes the mean of each row of `[n, width]` away, in place: the part a LayerNorm does not see. @returns the same rows */
export function centreRows<T extends Float32Array | Float64Array>(rows: T, width: number): T {
  for (let at = 0; at < rows.length; at += width) {
    let mean = 0;
    for (let i = at; i < at + width; i++) mean += rows[i]! / width;
    for (let i = at; i < at + width; i++) rows[i]! -= mean;
  }
  return rows;
}
