import { describe, expect, it } from "vitest";
import type { Head, Job } from "../src/job.ts";
import { agreement, agrees } from "../src/report/agreement.ts";

const sweep = (heads: Head[], positions: number[], pairs: number): Job => ({
  kind: "head-sweep",
  model: "",
  threads: 1,
  heads,
  positions,
  clean: Array.from({ length: pairs }, () => [1, 2]),
  corrupted: Array.from({ length: pairs }, () => [3, 4]),
  answer: new Array(pairs).fill(0),
  wrong: new Array(pairs).fill(1),
});

/** A number that says which cell it belongs to. */
const cell = ([layer, head]: Head, position: number, pair: number) =>
  layer / 2 + head / 8 + position / 32 + pair / 256;
const numbers = (heads: Head[], positions: number[], pairs: number) => ({
  difference: Float32Array.from(
    heads.flatMap((head) =>
      positions.flatMap((position) => Array.from({ length: pairs }, (_, pair) => cell(head, position, pair))),
    ),
  ),
});

describe("agreement of two sides", () => {
  const all: Head[] = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const some: Head[] = [
    [1, 1],
    [0, 1],
  ];
  const ours = { job: sweep(all, [0, 1], 2), numbers: numbers(all, [0, 1], 2) };

  it("compares the cells that both computed, whatever their order", () => {
    const theirs = { job: sweep(some, [1], 3), numbers: numbers(some, [1], 3) };
    const result = agreement(ours, theirs);
    expect(result.compared).toBe(2 * 2);
    expect(result.largest).toBe(0);
  });

  it("sees one wrong cell", () => {
    const theirs = { job: sweep(some, [1], 2), numbers: numbers(some, [1], 2) };
    theirs.numbers.difference[3]! += 1e-3;
    expect(agrees(agreement(ours, theirs))).toBe(false);
  });

  it("takes no missing number for an agreement", () => {
    const theirs = { job: sweep(some, [1], 2), numbers: numbers(some, [1], 2) };
    theirs.numbers.difference[0] = Number.NaN;
    expect(agrees(agreement(ours, theirs))).toBe(false);
    expect(() =>
      agreement(ours, { job: sweep([[5, 5]], [1], 2), numbers: numbers([[5, 5]], [1], 2) }),
    ).toThrow(/no cell in common/);
    expect(() => agreement(ours, { ...theirs, numbers: {} })).toThrow(/nothing was handed back/);
  });

  it("allows what float32 rounds of large numbers", () => {
    const job: Job = { kind: "matmul", model: "", threads: 1, size: 1 };
    const of = (values: number[]) => ({ job, numbers: { x: Float32Array.from(values) } });
    expect(agrees(agreement(of([50, 0]), of([50.004, 0])))).toBe(true);
    expect(agrees(agreement(of([0.5, 0]), of([0.5002, 0])))).toBe(false);
  });
});
