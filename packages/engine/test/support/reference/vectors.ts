/** One vector per position. */
export type Rows = Float64Array[];

export const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!);

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Part `index` of `count` equal parts. */
export const slice = (x: Float64Array, index: number, count: number): Float64Array =>
  x.slice((index * x.length) / count, ((index + 1) * x.length) / count);

export function concatenated(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const exp = scores.map((score) => Math.exp(score - largest));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((value) => value / sum);
}

/** cap tanh(x / cap); x where there is no cap. */
export const capped = (x: number, cap: number | null): number =>
  cap === null ? x : cap * Math.tanh(x / cap);

/** (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin), x1 and x2 being the halves of what rotates: the first `2 * frequencies` numbers. */
export function rotated(x: Float64Array, position: number, frequencies: readonly number[]): Float64Array {
  const half = frequencies.length;
  return x.map((value, i) => {
    if (i >= 2 * half) return value;
    const angle = position * frequencies[i % half]!;
    const other = i < half ? -x[i + half]! : x[i - half]!;
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}
