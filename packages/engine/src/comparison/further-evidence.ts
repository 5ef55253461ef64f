import type { Evidence, MechanismRow } from "../results/comparison.ts";
import { type Estimate, notObserved } from "../results/estimate.ts";
import type { InterceptTestsReport } from "../results/intercept-tests.ts";
import type { RunReport } from "../results/report.ts";

/** What a run's further analyses say for or against the steps of the mechanism, with the tests they made. */
export function furtherEvidence(report: RunReport): Evidence[] {
  const { further = {}, mlpActivation } = report;
  const out: Evidence[] = weightEvidence(report);
  const { trajectories, "implicit-function": implicit, "linear-map": linear } = further;
  const headline = mlpActivation.headlineLayer;
  if (trajectories) {
    out.push({
      step: "function application",
      quantity: "prompts with an argument stage, beyond the donor's subject",
      unit: "accuracy",
      estimate: trajectories.signatureGain,
      expected: "positive",
      pValue: null,
      pReason: "the interval over facts is the test",
    });
  }
  const applied = implicit?.accuracies.find(
    ({ layer, argument }) => layer === headline && argument === "all",
  );
  if (applied) {
    out.push({
      step: "function application",
      quantity: `MLP${applied.layer} as a function of the movers, beyond what they carry`,
      unit: "accuracy",
      estimate: applied.gain,
      expected: "positive",
      pValue: applied.gainQ,
      ...(applied.gainQ === null && { pReason: "no fact tells them apart" }),
    });
  }
  const map = linear?.layers.find(({ layer }) => layer === headline);
  if (map) {
    out.push({
      step: "function application",
      quantity: `R2 of MLP${map.layer} as a linear map, on held-out facts`,
      unit: "weight",
      estimate: map.r2HeldOut,
      expected: "positive",
      pValue: null,
      pReason: map.reason ?? "its own test is of the answers that the map names",
    });
  }
  for (const { target, bestAlpha, overTemperature, reason, verdict } of further.mitigation?.targets ?? []) {
    if (reason !== null) continue;
    out.push({
      step: "final layer",
      quantity: `gain of damping ${target.toLowerCase().replaceAll("_", " ")} over a temperature, test facts`,
      unit: "nats",
      estimate:
        bestAlpha !== null && bestAlpha < 1
          ? overTemperature
          : notObserved("on train facts no damping helps (best alpha is 1 or more)"),
      expected: "positive",
      pValue: null,
      pReason: `the analysis says: ${verdict.toLowerCase().replaceAll("_", " ")}`,
    });
  }
  return out;
}

/** Weight of the first mover in the headline MLP, beside movers and the sums of everything else (R3), against shuffled regressors. */
function weightEvidence({ further = {}, mlpActivation, argumentPassing, task }: RunReport): Evidence[] {
  const views = further["decomposition-views"];
  const [mover] = argumentPassing.movers;
  const layer = mlpActivation.headlineLayer;
  const fit = views?.fits.find(
    (one) => one.layer === layer && one.regressors === "R3" && one.pooling === "P1" && one.scale === "raw",
  );
  const own = fit?.weights.find(({ regressor }) => regressor === mover);
  const shuffled = views?.shuffled
    .find((one) => one.layer === layer && one.regressors === "R3")
    ?.weights.find(({ regressor }) => regressor === mover);
  if (!own || !mover) return [];
  const { weight: value, low, high } = own;
  return [
    {
      step: "MLP activation",
      quantity: `weight of ${mover} in MLP${layer}, regressors R3`,
      unit: "weight",
      estimate:
        value === null || !own.identifiable
          ? notObserved(`${mover} is not identifiable`)
          : { value, low, high, n: task.factsKnown },
      expected: "either",
      pValue: shuffled?.pValue ?? null,
      ...(shuffled?.pValue == null && { pReason: "regressors were not shuffled here" }),
    },
  ];
}

/**
 * What a study says of each task's headline MLP: whether its mean output favours the own task's answers (facts permuted over tasks), and
 * whether the intercept does so beyond the mean output; without that the regression adds nothing.
 */
export function interceptEvidence(
  { receipt, functionApplication, further = {} }: RunReport,
  tests: InterceptTestsReport | undefined,
): Evidence[] {
  const at = tests?.layers.find(({ headlineOf }) => headlineOf.includes(receipt.taskId));
  if (!at) return [];
  const { crossTask, layer } = at;
  const tested = crossTask.tasks.includes(receipt.taskId);
  const untested =
    crossTask.reason ??
    crossTask.leftOut.find(({ taskId }) => taskId === receipt.taskId)?.reason ??
    "not tested";
  const intercept = functionApplication.intercepts.find(
    (one) => one.layer === layer && one.regressors === "R1",
  );
  const view = further["decomposition-views"]?.fits.find(
    (fit) => fit.layer === layer && fit.regressors === "R1" && fit.pooling === "P1" && fit.scale === "raw",
  );
  const evidence = (
    quantity: string,
    estimate: Estimate,
    pValue: number | null,
    pReason: string,
  ): Evidence => ({
    step: "function application",
    quantity,
    unit: "logit",
    estimate,
    expected: "positive",
    pValue,
    ...(pValue === null && { pReason }),
  });
  return [
    evidence(
      `gain of MLP${layer}'s mean output for its own task's answers`,
      intercept?.typeGainOfMean ?? notObserved("this layer has no intercept"),
      tested ? (crossTask.mean?.rowP[crossTask.tasks.indexOf(receipt.taskId)] ?? null) : null,
      untested,
    ),
    evidence(
      `gain of MLP${layer}'s intercept (R1) beyond the mean output`,
      view?.typeGain?.interceptOverMean ?? notObserved("needs the analysis decomposition-views"),
      null,
      "permuting facts over tasks tests the intercept, not what it has beyond the mean",
    ),
  ];
}

/** Columns of the mechanism table that further analyses add. */
export function furtherColumns({ further = {} }: RunReport): MechanismRow["more"] {
  const { trajectories: t, "attention-knockout": knockout, "joint-effect": joint } = further;
  const subject = knockout?.curves.find(({ target }) => target === "subject");
  const together =
    joint?.set === "movers" &&
    joint.views.find(
      ({ replacement, direction, metric }) =>
        replacement === "CORRUPTED" && direction === "NOISING" && metric === "logit_diff",
    );
  return {
    ...(t && {
      "argument peak, depth": t.argumentPeak.depth,
      "crossover, depth": t.crossover.depth,
      "saturation, depth": t.saturation.depth,
      signature: t.signature,
    }),
    ...(subject && { "subject needed at depth": subject.largestDrop }),
    ...(together && { "movers together": together.normalised.joint }),
  };
}
