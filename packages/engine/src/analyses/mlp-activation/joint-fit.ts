import { residualSquares, spectrumOf } from "../../math/least-squares.ts";
import type { JointFit } from "../../results/intercept-tests.ts";
import { addSums, type FactSums, gramOf, type Reference, total, weightsOf } from "./fact-sums.ts";
import { weightEstimate } from "./fact-weights.ts";
import { needsRidge } from "./fit.ts";

type Gram = ReturnType<typeof gramOf>;
/** Where the joint fit needs a penalty it has the smallest one: enough to make it unique. */
const LAMBDA = 1e-6;

export interface JointWeights {
  report: JointFit;
  /** 0 for heads that do not vary in any task. */
  weights: Float64Array;
}

/** P4: one w over the prompts of all tasks, each task about its own mean; intervals by the jackknife over facts. */
export function jointFit(
  tasks: readonly (readonly FactSums[])[],
  separate: readonly Float64Array[],
  heads: readonly string[],
  reference: Reference,
): JointWeights {
  const target = heads.length;
  const regressors = heads.map((_, k) => k);
  const sums = tasks.map(total);
  const grams = sums.map((own) => gramOf(own, reference));
  const all = added(grams);
  const facts = tasks.reduce((sum, own) => sum + own.length, 0);
  const lambda = needsRidge(spectrumOf(all, regressors), facts) ? LAMBDA : null;
  const weights = weightsOf(all, lambda);
  const without: Float64Array[] = [];
  for (const [t, own] of tasks.entries()) {
    for (const fact of own) {
      if (own.length < 2) continue;
      addSums(sums[t]!, fact, -1);
      const rest = gramOf(sums[t]!, reference);
      addSums(sums[t]!, fact);
      without.push(weightsOf(added(grams.map((gram, other) => (other === t ? rest : gram))), lambda));
    }
  }
  const square = (gram: Gram, column: number) => gram.values[column * (gram.columns + 1)]!;
  const totalSquares = square(all, target);
  const errors = grams.map((gram, t) => residualSquares(gram, regressors, target, separate[t]!));
  return {
    weights,
    report: {
      lambda,
      weights: heads.map((head, k) => {
        const varies = square(all, k) > 0;
        const changes = without.reduce((sum, own) => sum + (own[k]! - weights[k]!) ** 2, 0);
        const count = without.length;
        const error = varies && count > 1 ? Math.sqrt(((count - 1) / count) * changes) : null;
        const { weight, low, high } = weightEstimate(varies ? weights[k]! : null, error, count);
        const perTask = separate.map((own, t) => (square(grams[t]!, k) > 0 ? own[k]! : null));
        return { head, weight, low, high, perTask };
      }),
      r2Within:
        totalSquares > 0 ? 1 - residualSquares(all, regressors, target, weights) / totalSquares : null,
      r2Separate: totalSquares > 0 ? 1 - errors.reduce((sum, error) => sum + error, 0) / totalSquares : null,
      ...(totalSquares === 0 && { reason: "the MLP's output does not vary within any task" }),
    },
  };
}

const added = (grams: readonly Gram[]): Gram => ({
  columns: grams[0]!.columns,
  values: grams[0]!.values.map((_, i) => grams.reduce((sum, gram) => sum + gram.values[i]!, 0)),
});
