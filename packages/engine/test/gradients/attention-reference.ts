import type { ModelFacts } from "../../src/architectures/architecture.ts";

/** Causal attention of one prompt in plain loops and float64: z `[position, head, d_head]` from q, k, v; scores are q k `scale`, soft-capped. */
export function attentionOf(
  { q, k, v }: Record<"q" | "k" | "v", Float32Array>,
  length: number,
  { heads, kvHeads, headWidth }: ModelFacts,
  { scale, cap }: { scale: number; cap?: number },
): Float32Array {
  const z = new Float32Array(q.length);
  for (let head = 0; head < heads; head++) {
    const kv = Math.floor(head / (heads / kvHeads));
    const key = (position: number) => (position * kvHeads + kv) * headWidth;
    for (let query = 0; query < length; query++) {
      const at = (query * heads + head) * headWidth;
      const weights = Array.from({ length: query + 1 }, (_, position) => {
        let score = 0;
        for (let i = 0; i < headWidth; i++) score += q[at + i]! * k[key(position) + i]!;
        return cap === undefined ? score * scale : cap * Math.tanh((score * scale) / cap);
      });
      const largest = Math.max(...weights);
      const exp = weights.map((score) => Math.exp(score - largest));
      const total = exp.reduce((a, b) => a + b, 0);
      for (let i = 0; i < headWidth; i++) {
        let value = 0;
        for (let position = 0; position <= query; position++)
          value += (exp[position]! / total) * v[key(position) + i]!;
        z[at + i] = value;
      }
    }
  }
  return z;
}
