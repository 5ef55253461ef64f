import { MASKED } from "../graph/components/attention.ts";
import { resolvePosition, type Sequence } from "./sequences.ts";

export const isKnockedOut = (sequence: Sequence, layer: number): boolean => sequence.knockouts.has(layer);

/**
 * What is added to the scores of sequences of one length, of the queries from `queriesFrom` on: `[sequence, head, query, key]`, 0 where a key
 * stays visible.
 */
export function knockoutMask(
  sequences: readonly Sequence[],
  layer: number,
  heads: number,
  queriesFrom: number,
): Float32Array {
  const { length } = sequences[0]!;
  const own = length - queriesFrom;
  const mask = new Float32Array(sequences.length * heads * own * length);
  for (const [i, sequence] of sequences.entries()) {
    for (const { head, query, keys } of sequence.knockouts.get(layer) ?? []) {
      const row = resolvePosition(query, length) - queriesFrom;
      if (row < 0) continue;
      const [first, end] = head === undefined ? [0, heads] : [head, head + 1];
      for (let h = first; h < end; h++) {
        const at = ((i * heads + h) * own + row) * length;
        for (const key of keys) mask[at + key] = MASKED;
      }
    }
  }
  return mask;
}
