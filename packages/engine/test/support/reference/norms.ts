import { dot } from "./vectors.ts";
import type { Linear, Norm } from "./weights.ts";

export function apply({ rows, bias }: Linear, x: Float64Array): Float64Array {
  // Not Float64Array.from with a function, which is many times slower.
  const out = new Float64Array(rows.length);
  for (let o = 0; o < rows.length; o++) out[o] = dot(rows[o]!, x) + (bias ? bias[o]! : 0);
  return out;
}

const mean = ({ kind }: Norm, x: Float64Array): number =>
  kind === "rms" ? 0 : x.reduce((a, b) => a + b, 0) / x.length;

/** sigma of LayerNorm, rms of RMSNorm. */
export function scaleOf(norm: Norm, x: Float64Array): number {
  const centre = mean(norm, x);
  return Math.sqrt(x.reduce((sum, value) => sum + (value - centre) ** 2, 0) / x.length + norm.epsilon);
}

/** x itself where there is no norm. */
export function normed(norm: Norm | null, x: Float64Array): Float64Array {
  if (!norm) return x;
  const [centre, scale] = [mean(norm, x), scaleOf(norm, x)];
  return x.map((value, i) => ((norm.weight?.[i] ?? 1) * (value - centre)) / scale + (norm.bias?.[i] ?? 0));
}
