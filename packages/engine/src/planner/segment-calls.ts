import { type AttentionShape, CHUNK_ROWS } from "./block-step.ts";
import { rowsBefore, type Segment } from "./prefix-tree.ts";

/** Runs of tokens that one attention call takes: equal start and length, and equally many to a parent. */
export interface SegmentCall {
  segments: Segment[];
  shape: AttentionShape;
  /** Rows of the positions before them, one parent after the other: `[parent, position]`. */
  past: Int32Array;
}

/** Rows of a call, twice a block's: an attention call is light. */
const MAX_ROWS = 2 * CHUNK_ROWS;
/** Floats of a call's attention scores: bounds its memory to some 32 MB for each of a few intermediates. */
const MAX_SCORES = 2 ** 23;

/** The attention calls of a laid-out tree, in the order of its rows. */
export function segmentCalls(segments: readonly Segment[], heads: number): SegmentCall[] {
  const calls: SegmentCall[] = [];
  for (const siblings of equalSiblings(segments)) {
    const { start, tokens, parent } = siblings[0]!;
    const keys = tokens.length;
    const most = Math.max(
      1,
      Math.min(Math.floor(MAX_ROWS / keys), Math.floor(MAX_SCORES / (heads * keys * (start + keys)))),
    );
    const past = parent ? rowsBefore(siblings[0]!) : new Int32Array();
    for (let from = 0; from < siblings.length; from += most) {
      const own = siblings.slice(from, from + most);
      const last = calls.at(-1);
      if (
        last &&
        last.shape.past === start &&
        last.shape.keys === keys &&
        last.shape.variants === own.length &&
        start > 0 &&
        last.segments.length + own.length <= most
      ) {
        last.segments.push(...own);
        last.shape.prompts++;
        last.past = joined(last.past, past);
      } else {
        const variants = start === 0 ? 1 : own.length;
        const prompts = start === 0 ? own.length : 1;
        calls.push({ segments: own, shape: { prompts, variants, queries: keys, keys, past: start }, past });
      }
    }
  }
  return calls;
}

/** Neighbours of equal start, length and parent. */
function equalSiblings(segments: readonly Segment[]): Segment[][] {
  const groups: Segment[][] = [];
  for (const segment of segments) {
    const first = groups.at(-1)?.[0];
    if (
      first &&
      first.start === segment.start &&
      first.tokens.length === segment.tokens.length &&
      first.parent === segment.parent
    )
      groups.at(-1)!.push(segment);
    else groups.push([segment]);
  }
  return groups;
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const out = new Int32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** Cuts a list of rows into parts of one call. */
export async function inCalls(rows: Int32Array, run: (some: Int32Array) => Promise<void>): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS)
    await run(rows.subarray(from, from + CHUNK_ROWS));
}
