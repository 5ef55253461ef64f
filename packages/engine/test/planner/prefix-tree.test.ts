import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/math/random.ts";
import { PrefixRows, PrefixTree, rowsBefore } from "../../src/planner/prefix-tree.ts";

/** Random prompts over few tokens, so that many begin alike and some are the beginning of others. */
function prompts(seed: number): number[][] {
  const random = seededRandom(`prefixes ${seed}`);
  const below = (n: number) => Math.floor(random() * n);
  return Array.from({ length: 1 + below(12) }, () => Array.from({ length: 1 + below(6) }, () => below(3)));
}

const prefixes = (list: readonly number[][]) =>
  new Set(list.flatMap((tokens) => tokens.map((_, i) => tokens.slice(0, i + 1).join())));

describe("a prefix tree", () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);

  it("has a row for every distinct beginning, and says before how many would be new", () => {
    for (const seed of seeds) {
      const list = prompts(seed);
      const tree = new PrefixTree();
      const half = Math.floor(list.length / 2);
      for (const tokens of list.slice(0, half)) tree.add(tokens);
      expect(tree.rows).toBe(prefixes(list.slice(0, half)).size);
      const missing = tree.missing(list.slice(half));
      for (const tokens of list.slice(half)) tree.add(tokens);
      expect(tree.rows).toBe(prefixes(list).size);
      expect(missing).toBe(tree.rows - prefixes(list.slice(0, half)).size);
    }
  });

  it("gives the same row to the same beginning and to nothing else", () => {
    for (const seed of seeds) {
      const list = prompts(seed);
      const tree = new PrefixTree();
      for (const tokens of list) tree.add(tokens);
      const segments = tree.layOut();
      const rows = new PrefixRows(segments);
      const rowOf = new Map<string, number>();
      for (const tokens of list) {
        for (const [i, row] of rows.of(tokens).entries()) {
          const beginning = tokens.slice(0, i + 1).join();
          expect(rowOf.get(beginning) ?? row, `${beginning} in ${JSON.stringify(list)}`).toBe(row);
          rowOf.set(beginning, row);
        }
      }
      expect(new Set(rowOf.values()).size).toBe(rowOf.size);
      expect([...rowOf.values()].sort((a, b) => a - b)).toEqual(
        Array.from({ length: tree.rows }, (_, i) => i),
      );
      // What a run attends to before itself are the rows of the prompt it lies on.
      for (const segment of segments) {
        const on = list.find((tokens) => rows.of(tokens)[segment.start] === segment.row)!;
        expect([...rowsBefore(segment)]).toEqual([...rows.of(on).subarray(0, segment.start)]);
      }
    }
  });
});
