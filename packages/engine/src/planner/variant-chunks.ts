import { CHUNK_ROWS } from "./block-step.ts";
import type { Placed } from "./edits.ts";
import { isKnockedOut } from "./knockouts.ts";
import type { Sequence } from "./sequences.ts";

/** A run of chunk rows whose sequences share one attention call: the same bases' past, the same number of variants of each. */
export interface AttentionCall {
  from: number;
  placed: Placed[];
  prompts: number;
  variants: number;
  /** Some sequence has knockouts at this layer: the call needs a mask. */
  masked: boolean;
}

export const own = (s: Sequence): number => s.length - s.start;

export const skipsAttention = (s: Sequence, layer: number): boolean => s.joinLayer === layer && s.joinsAtZ;

/** Chunks of sequences of the same length and start that either all take z from their base or all compute it. */
export function chunksOf(sequences: readonly Sequence[], layer: number): Sequence[][] {
  const chunks: Sequence[][] = [];
  for (const skipping of [false, true]) {
    let rows = 0;
    let chunk: Sequence[] = [];
    for (const s of sequences) {
      if (skipsAttention(s, layer) !== skipping) continue;
      const first = chunk[0];
      if (!first || rows + own(s) > CHUNK_ROWS || first.length !== s.length || first.start !== s.start) {
        chunk = [];
        chunks.push(chunk);
        rows = 0;
      }
      chunk.push(s);
      rows += own(s);
    }
  }
  return chunks;
}

export function place(sequences: readonly Sequence[]): Placed[] {
  let row = 0;
  return sequences.map((sequence) => {
    const placed = { sequence, row };
    row += own(sequence);
    return placed;
  });
}

/** Neighbouring bases with equally many variants share a call; passes without knockouts never share one that needs a mask. */
export function attentionCalls(placed: readonly Placed[], layer: number): AttentionCall[] {
  const perBase: Placed[][] = [];
  for (const p of placed) {
    const last = perBase.at(-1);
    if (last && sharesBase(last[0]!.sequence, p.sequence)) last.push(p);
    else perBase.push([p]);
  }
  const calls: AttentionCall[] = [];
  for (const group of perBase) {
    const last = calls.at(-1);
    const masked = group.some((p) => isKnockedOut(p.sequence, layer));
    if (last && last.variants === group.length && last.masked === masked) {
      last.placed.push(...group);
      last.prompts++;
    } else {
      calls.push({ from: group[0]!.row, placed: [...group], prompts: 1, variants: group.length, masked });
    }
  }
  return calls;
}

const sharesBase = (a: Sequence, b: Sequence): boolean =>
  a.base === b.base && a.knockouts.size > 0 === b.knockouts.size > 0;
