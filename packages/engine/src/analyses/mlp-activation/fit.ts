import {
  type Gram,
  nestedSolver,
  residualSquares,
  residualSquaresOf,
  type Spectrum,
  solve,
  spectrumOf,
} from "../../math/least-squares.ts";
import { mean, standardDeviation } from "../../math/statistics.ts";
import type { FactMoments } from "./moments.ts";

/** Ridge penalties tried, on the standardised scale. */
export const LAMBDAS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10] as const;
export const MAX_CONDITION = 1e6;

/** One regression: which columns explain which. */
export interface Problem {
  regressors: readonly number[];
  target: number;
}

export interface Fit {
  weights: (number | null)[];
  /** Clustered by fact, by the jackknife; null where the weight is not identified or there are fewer than two facts. */
  standardErrors: (number | null)[];
  /** Weights without each fact in turn; empty where there are fewer than two facts. */
  jackknife: Float64Array[];
  spectrum: Spectrum;
  inflation: (number | null)[];
  rank: number;
  condition: number | null;
  lambda: number | null;
  r2Within: number | null;
  heldOut: HeldOut;
}

/** R2 of each held-out part: 1 - |m - (Xw + b)|^2 / |m - mean_train|^2; may be negative. */
export interface HeldOut {
  mean: number | null;
  sd: number | null;
  folds: number;
}

/** Sums of products of train facts about their mean, and of test facts about the train facts' mean. */
export interface Cut {
  train: Gram;
  tests: Gram[];
}

export interface Samples {
  all: Gram;
  facts: number;
  /** The facts in parts, to choose the penalty on. */
  selection: readonly FactMoments[];
  /** The facts in parts, several times, to report R2 on. */
  evaluation: readonly (readonly FactMoments[])[];
  /** Without each fact in turn; read once. */
  without: Iterable<Gram> | AsyncIterable<Gram>;
  cut(train: readonly FactMoments[], tests: readonly FactMoments[]): Promise<Cut>;
}

/** Problems whose regressors are each the first of the next one's: one factor of the longest serves all. */
type Family = readonly Problem[];

/**
 * Least squares of families of problems over the same facts. Ridge where there are more regressors than facts or they are nearly collinear,
 * with the penalty that predicts held-out facts best; for the held-out R2 it is chosen inside each fold's train facts. Standard errors by the
 * jackknife over facts, (C - 1) / C times the sum of squared changes of w: the cluster-robust error that keeps its promise with few
 * facts (CV3 of MacKinnon, Nielsen & Webb 2023).
 */
export async function fitFamilies(families: readonly Family[], samples: Samples): Promise<Fit[][]> {
  const { all, facts, selection, evaluation, without, cut } = samples;
  const spectra = families.map((family) => family.map(({ regressors }) => spectrumOf(all, regressors)));
  const ridged = spectra.map((own) => own.map((spectrum) => needsRidge(spectrum, facts)));
  const chosen = await choosePenalties(families, ridged, selection, cut);
  const weights = spectra.map((own, f) =>
    own.map((spectrum, i) => solve(spectrum, families[f]![i]!.target, chosen[f]![i]!)),
  );

  const heldOut = families.map((family) => family.map((): number[] => []));
  for (const parts of evaluation) {
    const scores = await heldOutScores(families, ridged, parts, cut);
    for (const [f, own] of scores.entries()) for (const [i, r2] of own.entries()) heldOut[f]![i]!.push(...r2);
  }

  const jackknife = families.map((family) => family.map((): Float64Array[] => []));
  for await (const gram of without) {
    for (const [f, family] of families.entries()) {
      const weightsOf = nestedSolver(gram, family.at(-1)!.regressors);
      for (const [i, { regressors, target }] of family.entries())
        jackknife[f]![i]!.push(weightsOf(regressors.length, target, chosen[f]![i]!));
    }
  }

  return families.map((family, f) =>
    family.map(({ regressors, target }, i): Fit => {
      const own = weights[f]![i]!;
      const spectrum = spectra[f]![i]!;
      const { inflation, rank, condition } = spectrum;
      const total = diagonal(all, target);
      const error = residualSquares(
        all,
        regressors,
        target,
        Float64Array.from(own, (weight) => weight ?? 0),
      );
      return {
        weights: own,
        standardErrors: jackknifeErrors(own, jackknife[f]![i]!),
        jackknife: jackknife[f]![i]!,
        spectrum,
        inflation,
        rank,
        condition,
        lambda: chosen[f]![i]!,
        r2Within: total > 0 ? 1 - error / total : null,
        heldOut: summary(heldOut[f]![i]!),
      };
    }),
  );
}

/**
 * R2 of parts that are held out in turn, per problem; where a penalty is needed it is chosen on the other parts alone. With `ridged`
 * false nothing is chosen. Parts without variation give no number.
 */
export async function heldOutScores(
  families: readonly Family[],
  ridged: readonly (readonly boolean[])[],
  parts: readonly FactMoments[],
  cut: Samples["cut"],
): Promise<number[][][]> {
  const scores = families.map((family) => family.map((): number[] => []));
  const errors = parts.map(() => noErrors(families));
  if (ridged.some((own) => own.includes(true))) {
    // Without parts a and b: with a held out b is what the penalty is chosen on, and the other way round.
    for (const [a, first] of parts.entries()) {
      for (const [b, second] of parts.entries()) {
        const train = parts.filter((_, i) => i !== a && i !== b);
        if (b <= a || train.length === 0) continue;
        const { train: gram, tests } = await cut(train, [first, second]);
        addErrors([errors[b]!, errors[a]!], families, ridged, gram, tests);
      }
    }
  }
  for (const [held, part] of parts.entries()) {
    const { train, tests } = await cut(
      parts.filter((_, i) => i !== held),
      [part],
    );
    for (const [f, family] of families.entries()) {
      const weightsOf = nestedSolver(train, family.at(-1)!.regressors);
      for (const [i, { regressors, target }] of family.entries()) {
        const total = diagonal(tests[0]!, target);
        if (diagonal(train, target) === 0 || total === 0) continue;
        const lambda = ridged[f]![i] ? bestPenalty(errors[held]![f]![i]!) : null;
        const own = weightsOf(regressors.length, target, lambda);
        scores[f]![i]!.push(1 - residualSquares(tests[0]!, regressors, target, own) / total);
      }
    }
  }
  return scores;
}

export const summary = (scores: readonly number[]): HeldOut => ({
  mean: scores.length ? mean(scores) : null,
  sd: standardDeviation(scores),
  folds: scores.length,
});

/** More regressors than facts, or nearly collinear ones. */
export const needsRidge = ({ regressors, kept, condition }: Spectrum, facts: number): boolean =>
  regressors.length > facts || (kept.length > 1 && (condition === null || condition > MAX_CONDITION));

/** For each problem that needs one the penalty with the smallest squared error on held-out parts; the smallest where nothing can be held out. */
async function choosePenalties(
  families: readonly Family[],
  ridged: readonly (readonly boolean[])[],
  parts: readonly FactMoments[],
  cut: Samples["cut"],
): Promise<(number | null)[][]> {
  const errors = noErrors(families);
  if (ridged.some((own) => own.includes(true)) && parts.length > 1) {
    for (const [held, part] of parts.entries()) {
      const others = parts.filter((_, i) => i !== held);
      const { train, tests } = await cut(others, [part]);
      addErrors([errors], families, ridged, train, tests);
    }
  }
  return errors.map((own, f) => own.map((error, i) => (ridged[f]![i] ? bestPenalty(error) : null)));
}

const noErrors = (families: readonly Family[]) =>
  families.map((family) => family.map(() => new Float64Array(LAMBDAS.length)));

const bestPenalty = (errors: Float64Array): number => LAMBDAS[errors.indexOf(Math.min(...errors))]!;

/** Adds to `errors[t]` the squared errors on test part t, per problem and penalty, of weights from the train part. */
function addErrors(
  errors: readonly (readonly (readonly Float64Array[])[])[],
  families: readonly Family[],
  ridged: readonly (readonly boolean[])[],
  train: Gram,
  tests: readonly Gram[],
): void {
  for (const [f, family] of families.entries()) {
    if (!ridged[f]!.includes(true)) continue;
    const weightsOf = nestedSolver(train, family.at(-1)!.regressors);
    for (const [i, { regressors, target }] of family.entries()) {
      if (!ridged[f]![i]) continue;
      const own = LAMBDAS.map((lambda) => weightsOf(regressors.length, target, lambda));
      for (const [t, test] of tests.entries())
        for (const [l, error] of residualSquaresOf(test, regressors, target, own).entries())
          errors[t]![f]![i]![l]! += error;
    }
  }
}

function jackknifeErrors(
  weights: readonly (number | null)[],
  without: readonly Float64Array[],
): (number | null)[] {
  const facts = without.length;
  return weights.map((weight, k) => {
    if (weight === null || facts < 2) return null;
    const changes = without.reduce((sum, own) => sum + (weight - own[k]!) ** 2, 0);
    return Math.sqrt(((facts - 1) / facts) * changes);
  });
}

const diagonal = ({ columns, values }: Gram, column: number): number => values[column * columns + column]!;
