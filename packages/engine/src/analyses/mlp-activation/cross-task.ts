import { shuffled } from "../../math/random.ts";
import type { TaskMatrix } from "../../results/intercept-tests.ts";
import {
  addSums,
  type FactSums,
  gramOf,
  interceptFrom,
  type Reference,
  total,
  weightsOf,
} from "./fact-sums.ts";

const FOLDS = 5;

export interface CrossTaskInput {
  /** All facts of all tasks; direction i of their reads is that of the answer of fact i. */
  facts: readonly FactSums[];
  /** Number of facts of each task, in the order of `facts`. */
  sizes: readonly number[];
  /** Penalty of each task's fit. */
  lambdas: readonly (number | null)[];
  reference: Reference;
  /** Frozen scale that all gains are divided by. */
  scale: number;
  permutations: number;
  random: () => number;
}

type Kind = "intercept" | "heldOut" | "mean";

/**
 * Cross-task matrices of gains and their permutation test. Facts are permuted among tasks as wholes, prompts and answer together, task sizes
 * stay, and every fit is made again: under the null a task's intercept favours its own facts' answers no more than any others.
 */
export function crossTask(input: CrossTaskInput): Record<Kind, TaskMatrix> {
  const { facts, permutations, random } = input;
  const order = facts.map((_, i) => i);
  const observed = matrices(order, input);
  const kinds = Object.keys(observed) as Kind[];
  const statistics = Object.fromEntries(kinds.map((kind) => [kind, statisticOf(observed[kind])])) as Record<
    Kind,
    number
  >;
  const extreme: Record<Kind, number> = { intercept: 0, heldOut: 0, mean: 0 };
  const rows = Object.fromEntries(kinds.map((kind) => [kind, ownLeads(observed[kind])])) as Record<
    Kind,
    number[]
  >;
  const extremeRows = Object.fromEntries(kinds.map((kind) => [kind, rows[kind].map(() => 0)])) as typeof rows;
  for (let p = 0; p < permutations; p++) {
    const permuted = matrices(shuffled(order, random), input);
    for (const kind of kinds) {
      // A permutation within tasks gives the same facts in another order: equal up to rounding.
      const slack = 1e-9 * (Math.abs(statistics[kind]) + largest(observed[kind]));
      if (statisticOf(permuted[kind]) >= statistics[kind] - slack) extreme[kind]++;
      for (const [t, lead] of ownLeads(permuted[kind]).entries())
        if (lead >= rows[kind][t]! - slack) extremeRows[kind][t]!++;
    }
  }
  const result = (kind: Kind): TaskMatrix => ({
    matrix: observed[kind],
    statistic: statistics[kind],
    pValue: (1 + extreme[kind]) / (1 + permutations),
    rowP: extremeRows[kind].map((count) => (1 + count) / (1 + permutations)),
  });
  return { intercept: result("intercept"), heldOut: result("heldOut"), mean: result("mean") };
}

/** T = mean_t (D[t][t] - mean over t' != t of D[t][t']). */
export function statisticOf(matrix: readonly (readonly number[])[]): number {
  const own = ownLeads(matrix);
  return own.reduce((sum, value) => sum + value, 0) / own.length;
}

/** D[t][t] - mean over t' != t of D[t][t'], of every task. */
const ownLeads = (matrix: readonly (readonly number[])[]): number[] =>
  matrix.map((row, t) => {
    const others = row.filter((_, other) => other !== t);
    return row[t]! - others.reduce((sum, value) => sum + value, 0) / others.length;
  });

const largest = (matrix: readonly (readonly number[])[]): number => Math.max(...matrix.flat().map(Math.abs));

/** @param order the fact that stands at each place; places are cut into tasks by size */
function matrices(order: readonly number[], input: CrossTaskInput): Record<Kind, number[][]> {
  const { facts, sizes, lambdas } = input;
  let at = 0;
  const groups = sizes.map((size) => {
    at += size;
    return order.slice(at - size, at);
  });
  const gainsOver = (gains: Float64Array, group: readonly number[]) =>
    group.reduce((sum, fact) => sum + gains[fact]!, 0) / group.length;
  const out: Record<Kind, number[][]> = { intercept: [], heldOut: [], mean: [] };
  for (const [t, group] of groups.entries()) {
    const folds = Math.min(FOLDS, group.length);
    const parts = Array.from({ length: folds }, (_, fold) => group.filter((_, i) => i % folds === fold));
    const sums = parts.map((part) => total(part.map((fact) => facts[fact]!)));
    const all = total(sums);
    const gains = gainsOf(all, lambdas[t]!, input);
    const ofMean = scaled(
      interceptFrom(noWeights(input), all.prompts, all.reads, input.reference.reads),
      input.scale,
    );
    out.intercept.push(groups.map((other) => gainsOver(gains, other)));
    out.mean.push(groups.map((other) => gainsOver(ofMean, other)));
    let held = 0;
    for (const [fold, part] of parts.entries()) {
      if (folds === 1) break;
      addSums(all, sums[fold]!, -1);
      const without = gainsOf(all, lambdas[t]!, input);
      addSums(all, sums[fold]!);
      for (const fact of part) held += without[fact]! / group.length;
    }
    out.heldOut.push(groups.map((other, o) => (o === t ? held : gainsOver(gains, other))));
  }
  return out;
}

const noWeights = ({ reference }: CrossTaskInput) =>
  new Float64Array(reference.columns.length / reference.width - 1);

/** Gain of a group's intercept on every fact's answer. */
function gainsOf(group: FactSums, lambda: number | null, { reference, scale }: CrossTaskInput): Float64Array {
  const weights = weightsOf(gramOf(group, reference), lambda);
  return scaled(interceptFrom(weights, group.prompts, group.reads, reference.reads), scale);
}

const scaled = (values: Float64Array, scale: number): Float64Array => values.map((value) => value / scale);
