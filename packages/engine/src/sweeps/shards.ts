import { placesOf, type Sweep } from "./sweep.ts";

/** Places `[from, to)` of a pair. */
export interface ShardPart {
  pair: number;
  from: number;
  to: number;
}

/** What is computed at once, and kept or lost at once when a sweep is interrupted: some pairs with all their places, or places of one. */
export interface Shard {
  index: number;
  parts: readonly ShardPart[];
}

/** Passes of a shard: enough to fill calls and to make its unchanged runs cheap, a few seconds of work for a small model. */
const MAX_PLACES = 4096;
/** Rows that a shard computes per layer, at most: long prompts make few places long enough. */
const MAX_ROWS = 2 ** 15;
/** Numbers that a shard holds until it is done: 64 MB. */
const MAX_NUMBERS = 2 ** 24;

/**
 * Cuts a sweep into shards. It depends on the sweep alone, not on the memory of the machine, so that one that was interrupted continues with
 * other settings. Pairs that begin alike share a shard where they can, and so the rows of their beginning.
 */
export function shardsOf(sweep: Sweep): Shard[] {
  const places = placesOf(sweep);
  const order = sweep.pairs
    .map((_, pair) => pair)
    .sort((a, b) => comparePrompts(sweep.pairs[a]!.clean, sweep.pairs[b]!.clean) || a - b);
  const shards: { index: number; parts: ShardPart[] }[] = [];
  let left = 0;
  for (const pair of order) {
    const capacity = capacityOf(sweep, sweep.pairs[pair]!.clean.length);
    for (let from = 0; from < places; from += capacity) {
      const part = { pair, from, to: Math.min(places, from + capacity) };
      const share = (part.to - part.from) / capacity;
      if (share > left) {
        shards.push({ index: shards.length, parts: [] });
        left = 1;
      }
      left -= share;
      shards.at(-1)!.parts.push(part);
    }
  }
  return shards;
}

const capacityOf = (sweep: Sweep, length: number): number =>
  Math.max(
    1,
    Math.floor(
      Math.min(MAX_PLACES, MAX_ROWS / sweep.rowsPerPlace(length), MAX_NUMBERS / sweep.numbersPerPlace),
    ),
  );

function comparePrompts(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
