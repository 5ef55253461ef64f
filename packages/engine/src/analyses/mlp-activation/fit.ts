import {
  type Gram,
  nestedSolver,
  residualSquares,
  type Spectrum,
  solve,
  spectrumOf,
} from "../../math/least-squares.ts";
import { mean, standardDeviation } from "../../math/statistics.ts";

/** Ridge penalties tried, on the standardised scale. */
export const LAMBDAS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10] as const;
const MAX_CONDITION = 1e6;

/** One regression: which columns explain which. */
export interface Problem {
  regressors: readonly number[];
  target: number;
}

export interface Fit {
  weights: (number | null)[];
  /** Clustered by fact, by the jackknife; null where the weight is not identified or there are fewer than two facts. */
  standardErrors: (number | null)[];
  inflation: (number | null)[];
  rank: number;
  condition: number | null;
  lambda: number | null;
  r2Within: number | null;
  /** R2 of each held-out part: 1 - |m - (Xw + b)|^2 / |m - mean_train|^2; may be negative. */
  heldOut: { mean: number | null; sd: number | null; folds: number };
}

/** A cut of the facts: sums of products of train facts about their mean, and of test facts about the train facts' mean. */
export interface Fold {
  train: Gram;
  test: Gram;
}

export interface Samples {
  all: Gram;
  facts: number;
  /** Cuts to choose the penalty on. */
  selection: readonly Fold[];
  /** Cuts to report R2 on. */
  evaluation: readonly Fold[];
  /** Without each fact in turn. */
  without: readonly Gram[];
}

/**
 * Least squares of a family of problems, each one's regressors being the first of the last one's. Ridge where there are more regressors than
 * facts or they are nearly collinear, with the penalty that predicts held-out facts best. Standard errors by the jackknife over facts,
 * (C - 1) / C times the sum of squared changes of w: the cluster-robust error that keeps its promise with few facts (CV3 of MacKinnon,
 * Nielsen & Webb 2023).
 */
export function fitFamily(family: readonly Problem[], samples: Samples): Fit[] {
  const { all, facts, evaluation, without } = samples;
  const longest = family.at(-1)!.regressors;
  const spectra = family.map(({ regressors }) => spectrumOf(all, regressors));
  const ridged = spectra.map((spectrum) => needsRidge(spectrum, facts));
  const chosen = chooseLambdas(family, ridged, samples);
  const lambdas = ridged.map((ridge, i) => (ridge ? chosen[i]! : null));
  const weights = spectra.map((spectrum, i) => solve(spectrum, family[i]!.target, lambdas[i]!));

  const heldOut = family.map((): number[] => []);
  for (const { train, test } of evaluation) {
    const weightsOf = nestedSolver(train, longest);
    for (const [i, { regressors, target }] of family.entries()) {
      const total = diagonal(test, target);
      if (diagonal(train, target) === 0 || total === 0) continue;
      const own = weightsOf(regressors.length, target, lambdas[i]!);
      heldOut[i]!.push(1 - residualSquares(test, regressors, target, own) / total);
    }
  }

  const changes = family.map(({ regressors }) => new Float64Array(regressors.length));
  for (const gram of without) {
    const weightsOf = nestedSolver(gram, longest);
    for (const [i, { regressors, target }] of family.entries()) {
      const own = weightsOf(regressors.length, target, lambdas[i]!);
      for (const [k, weight] of own.entries()) changes[i]![k]! += ((weights[i]![k] ?? 0) - weight) ** 2;
    }
  }

  return family.map(({ regressors, target }, i) => {
    const total = diagonal(all, target);
    const { inflation, rank, condition } = spectra[i]!;
    const error = residualSquares(
      all,
      regressors,
      target,
      weights[i]!.map((weight) => weight ?? 0),
    );
    return {
      weights: weights[i]!,
      standardErrors: weights[i]!.map((weight, k) =>
        weight === null || facts < 2 ? null : Math.sqrt(((facts - 1) / facts) * changes[i]![k]!),
      ),
      inflation,
      rank,
      condition,
      lambda: lambdas[i]!,
      r2Within: total > 0 ? 1 - error / total : null,
      heldOut: {
        mean: heldOut[i]!.length ? mean(heldOut[i]!) : null,
        sd: standardDeviation(heldOut[i]!),
        folds: heldOut[i]!.length,
      },
    };
  });
}

/** More regressors than facts, or nearly collinear ones. */
const needsRidge = ({ regressors, kept, condition }: Spectrum, facts: number): boolean =>
  regressors.length > facts || (kept.length > 1 && (condition === null || condition > MAX_CONDITION));

/** For each problem the penalty with the smallest squared error on held-out facts; the smallest where nothing can be held out. */
function chooseLambdas(
  family: readonly Problem[],
  ridged: readonly boolean[],
  { selection }: Samples,
): number[] {
  const longest = family.at(-1)!.regressors;
  const errors = family.map(() => new Float64Array(LAMBDAS.length));
  for (const { train, test } of selection) {
    const weightsOf = nestedSolver(train, longest);
    for (const [i, { regressors, target }] of family.entries()) {
      if (!ridged[i]) continue;
      for (const [l, lambda] of LAMBDAS.entries()) {
        errors[i]![l]! += residualSquares(
          test,
          regressors,
          target,
          weightsOf(regressors.length, target, lambda),
        );
      }
    }
  }
  return errors.map((own) => LAMBDAS[own.indexOf(Math.min(...own))]!);
}

const diagonal = ({ columns, values }: Gram, column: number): number => values[column * columns + column]!;
