import { seededRandom, shuffled } from "../math/random.ts";
import { mean, quantile, standardDeviation } from "../math/statistics.ts";
import type { FunctionalMatching } from "../results/comparison.ts";
import type { HeadReport, RunReport } from "../results/report.ts";
import { assign } from "./assignment.ts";

/** What a head does, as numbers that mean the same in every model; one more feature is one more entry. */
const FEATURES: Readonly<Record<string, (head: HeadReport, layers: number) => number | null>> = {
  "relative depth": ({ layer }, layers) => (layer + 0.5) / layers,
  "attention to the subject": ({ attentionToSubject }) => attentionToSubject.value,
  "attribution to the subject": ({ dlaSubject }) => dlaSubject.value,
  "attribution to the answer": ({ dlaAnswer }) => dlaAnswer.value,
  "patching effect": ({ effect }) => effect.value,
};

interface Profiles {
  labels: string[];
  excluded: string[];
  /** `[head][feature]` */
  rows: number[][];
}

/**
 * Matches the heads of two models by what they do: profiles z-scored over the heads of both, the smaller model's heads assigned to the
 * other's at the least mean distance. Every pair of models has a cheapest assignment, so its cost says something only beside that of heads
 * paired by chance, and of profiles whose features are shuffled over one model's heads and assigned anew (`permutations` times, seeded).
 */
export function functionalMatching(
  a: RunReport,
  b: RunReport,
  { permutations = 99, seed = 1 }: { permutations?: number; seed?: number } = {},
): FunctionalMatching {
  const [own, other] = [profilesOf(a), profilesOf(b)];
  const base = {
    features: Object.keys(FEATURES),
    excludedA: own.excluded,
    excludedB: other.excluded,
    permutations,
  };
  if (own.rows.length === 0 || other.rows.length === 0) {
    return {
      ...base,
      pairs: [],
      cost: null,
      randomCost: null,
      shuffledCost: null,
      pValue: null,
      reason: "no head of one of the runs has a complete profile",
    };
  }
  const [rowsA, rowsB] = zScored(own.rows, other.rows);
  const swapped = rowsA.length > rowsB.length;
  const [few, many] = swapped ? [rowsB, rowsA] : [rowsA, rowsB];
  const { columns, cost, randomCost } = match(few, many);
  const random = seededRandom(`functional matching ${seed}`);
  const shuffles = Array.from(
    { length: permutations },
    () => match(few, shuffledFeatures(many, random)).cost,
  );
  return {
    ...base,
    pairs: columns.map((column, row) => {
      const [i, j] = swapped ? [column, row] : [row, column];
      return { a: own.labels[i]!, b: other.labels[j]!, distance: distance(rowsA[i]!, rowsB[j]!) };
    }),
    cost,
    randomCost,
    shuffledCost:
      permutations === 0
        ? null
        : { mean: mean(shuffles), low: quantile(shuffles, 0.025), high: quantile(shuffles, 0.975) },
    pValue:
      permutations === 0
        ? null
        : (1 + shuffles.filter((shuffle) => shuffle <= cost + 1e-12).length) / (1 + permutations),
  };
}

function profilesOf({ argumentPassing: { heads, layers } }: RunReport): Profiles {
  const out: Profiles = { labels: [], excluded: [], rows: [] };
  for (const head of heads) {
    const row = Object.values(FEATURES).map((feature) => feature(head, layers));
    if (row.includes(null)) {
      out.excluded.push(head.label);
    } else {
      out.labels.push(head.label);
      out.rows.push(row as number[]);
    }
  }
  return out;
}

/** Each feature in standard deviations from its mean over the heads of both models; one that never varies says nothing and is 0. */
function zScored(a: readonly number[][], b: readonly number[][]): [number[][], number[][]] {
  const scales = a[0]!.map((_, f) => {
    const values = [...a, ...b].map((row) => row[f]!);
    return { mean: mean(values), deviation: standardDeviation(values) ?? 0 };
  });
  const scored = (rows: readonly number[][]) =>
    rows.map((row) =>
      row.map((value, f) =>
        scales[f]!.deviation > 0 ? (value - scales[f]!.mean) / scales[f]!.deviation : 0,
      ),
    );
  return [scored(a), scored(b)];
}

function match(few: readonly number[][], many: readonly number[][]) {
  const costs = new Float64Array(few.length * many.length);
  for (const [i, row] of few.entries())
    for (const [j, column] of many.entries()) costs[i * many.length + j] = distance(row, column);
  const columns = [...assign(costs, few.length, many.length)];
  const cost = mean(columns.map((column, row) => costs[row * many.length + column]!));
  return { columns, cost, randomCost: mean(costs) };
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));

/** The same numbers per feature, but no longer of the same heads. */
function shuffledFeatures(rows: readonly number[][], random: () => number): number[][] {
  const columns = rows[0]!.map((_, f) =>
    shuffled(
      rows.map((row) => row[f]!),
      random,
    ),
  );
  return rows.map((_, i) => columns.map((column) => column[i]!));
}
