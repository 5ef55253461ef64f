import { nestedSolver, residualSquares } from "../../math/least-squares.ts";
import { mean } from "../../math/statistics.ts";
import type { HeldOutR2, ViewFit, ViewWeight } from "../../results/decomposition-views.ts";
import type { Aggregation } from "../analysis.ts";
import { meanWeight } from "./fact-weights.ts";
import { centredMoments } from "./moments.ts";
import { againstOthers } from "./readouts.ts";
import type { Design, ViewProblem } from "./regressors.ts";
import { CONSTANT_MLP, type FactParts, partGains } from "./task-views.ts";
import { interceptGains } from "./type-gain.ts";
import { addTo, type DesignFact, type Gain, PROMPT_LAMBDA, scaled } from "./view-measures.ts";

/** One problem in every fact. */
interface FactFit {
  /** NaN where the fact does not tell the weight. */
  weights: Float64Array;
  r2: number | null;
  parts: FactParts;
}

const CONSTANT = 1e-12;
const NONE: HeldOutR2 = { mean: null, sd: null, folds: 0, reason: "only fits over the task are held out" };

/** P2: one fit per fact over its prompts, with the penalty of the task's fit; a claim about the mean over facts. */
export async function factViews(
  design: Design,
  facts: readonly DesignFact[],
  lambdas: readonly (readonly (number | null)[])[],
  context: Aggregation,
  candidates: number,
): Promise<ViewFit[]> {
  const { instruments, model } = context;
  const fits = design.families.map((family) => family.map((): FactFit[] => []));
  for (const fact of facts) {
    const { gram } = await centredMoments([fact.moments], model.width, instruments);
    const square = (column: number) => gram.values[column * (gram.columns + 1)]!;
    for (const [f, family] of design.families.entries()) {
      const weightsOf = nestedSolver(gram, family.at(-1)!.regressors);
      for (const [i, problem] of family.entries()) {
        const { regressors, target } = problem;
        const total = square(target);
        const solved =
          total > 0
            ? weightsOf(regressors.length, target, lambdas[f]![i]!)
            : new Float64Array(regressors.length);
        const largest = Math.max(...regressors.map(square));
        const told = (column: number) => total > 0 && square(column) > CONSTANT * largest;
        const ofRegressors: Gain = [0, 0];
        for (const [k, column] of regressors.entries())
          addTo(ofRegressors, scaled(fact.attribution[column]!, solved[k]!));
        const own = interceptGains(fact.projected, problem, solved, candidates);
        fits[f]![i]!.push({
          weights: solved.map((weight, k) => (told(regressors[k]!) ? weight : Number.NaN)),
          r2: total > 0 ? 1 - residualSquares(gram, regressors, target, solved) / total : null,
          parts: {
            prompts: fact.moments.prompts,
            mlp: fact.attribution[target]!,
            regressors: ofRegressors,
            intercept: scaled([own[fact.answer]!, againstOthers(own, fact.answer)], fact.inverseScales),
          },
        });
      }
    }
  }
  const reason = facts.every(({ moments }) => moments.prompts < 2)
    ? "every fact has one prompt only"
    : "the MLP's output does not vary over any fact's prompts";
  return viewsOf(design, "P2", fits, (f, i) => lambdas[f]![i]!, reason, context);
}

/** P3: one fit per prompt over the coordinates of d_model, with a scalar intercept. */
export function promptViews(design: Design, facts: readonly DesignFact[], context: Aggregation): ViewFit[] {
  const fits = design.families.map((family, f) =>
    family.map(({ target }, i) =>
      facts.map((fact): FactFit => {
        const own = fact.perPrompt![f]![i]!;
        return {
          weights: own.weights.map((weight, k) => (own.observed[k] ? weight / own.observed[k]! : Number.NaN)),
          r2: own.r2Observed ? own.r2 / own.r2Observed : null,
          parts: {
            prompts: fact.moments.prompts,
            mlp: fact.attribution[target]!,
            regressors: own.regressors,
            intercept: own.intercept,
          },
        };
      }),
    ),
  );
  const penalty = (f: number) => (["R2", "R4"].includes(design.families[f]![0]!.set) ? PROMPT_LAMBDA : null);
  return viewsOf(design, "P3", fits, penalty, CONSTANT_MLP, context);
}

function viewsOf(
  design: Design,
  pooling: "P2" | "P3",
  fits: readonly (readonly FactFit[][])[],
  lambda: (family: number, problem: number) => number | null,
  reason: string,
  context: Aggregation,
): ViewFit[] {
  return design.families.flatMap((family, f) =>
    family.map((problem, i): ViewFit => {
      const own = fits[f]![i]!;
      const r2 = own.flatMap((fit) => (fit.r2 === null ? [] : [fit.r2]));
      const weights = weightsOf(design, problem, own);
      return {
        layer: problem.layer,
        regressors: problem.set,
        pooling,
        scale: design.scale,
        lambda: lambda(f, i),
        count: problem.regressors.length,
        rank: null,
        condition: null,
        maxVarianceInflation: null,
        constant: weights.flatMap(({ regressor, weight }) => (weight === null ? [regressor] : [])),
        collinear: [],
        r2Within: r2.length ? mean(r2) : null,
        r2Uncentred: null,
        r2Mean: null,
        r2HeldOutFacts: NONE,
        r2HeldOutFrames: NONE,
        weights,
        typeGain: null,
        parts: partGains(
          own.map(({ parts }) => parts),
          context,
        ),
        ...(r2.length === 0 && { reason }),
      };
    }),
  );
}

const weightsOf = (design: Design, { regressors }: ViewProblem, fits: readonly FactFit[]): ViewWeight[] =>
  regressors.map((column, k) => {
    const own = meanWeight(fits.map(({ weights }) => weights[k]!));
    return {
      regressor: design.labels[column]!,
      ...own,
      varianceInflation: null,
      identifiable: own.weight !== null,
    };
  });
