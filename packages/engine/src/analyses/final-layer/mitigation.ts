import { mitigationFigures } from "../../figures/final-layer.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import {
  MITIGATION_TARGETS,
  type MitigationReport,
  type MitigationResult,
  type MitigationTarget,
} from "../../results/mitigation.ts";
import { type FactPrompts, SUFFICIENT_FACTS } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import {
  ALPHAS,
  bestIndex,
  bestTemperature,
  type Change,
  curve,
  NO_CHANGE,
  type Outcome,
  readAll,
  type SweepRow,
  sweep,
  TEMPERATURES,
} from "./alpha-sweep.ts";
import { frequencyOf } from "./frequency.ts";
import { Guards } from "./guards.ts";
import { trainTest } from "./judging.ts";
import { type LastLayerRow, lastLayerPass, lastLayerRows } from "./last-layer.ts";
import {
  beforeAfter,
  NO_TRAIN_FACTS,
  noGuards,
  overTemperature,
  unmeasured,
  verdictOf,
} from "./mitigation-result.ts";
import { neutralRows } from "./neutral-rows.ts";
import { suppressorsOn } from "./suppressors.ts";

const FACTS_PER_STEP = 8;

/**
 * Undoing what the last layer takes from the answer: its heads, the suppressors among them, its MLP, both, or the MLP's push along log
 * frequency are scaled by alpha, chosen on half of the known facts and reported on the others, beside a temperature chosen alike. Only the last
 * layer is computed anew, from what it read and wrote.
 */
export const mitigation = defineFurther<MitigationReport>({
  id: "mitigation",
  title: "Mitigation of the final layer",
  mechanism: "final layer",
  summary: "Whether damping parts of the last layer recovers answers better than a temperature does.",
  standard: false,
  figures: mitigationFigures,
  lacks: ({ logitCap, postNorm }) =>
    postNorm !== "none"
      ? "what its heads write goes through a norm together, and cannot be scaled one by one after it"
      : logitCap === null
        ? null
        : "a temperature acts on the logits after the model's soft cap, and this analysis divides what comes before it",

  async run(context) {
    const { measured: facts, unknown, model } = context;
    const frequency = await frequencyOf(context);
    const train = trainTest(context);
    const test = train.map((own) => !own);
    const onTrain = await capture(
      facts.filter((_, f) => train[f]),
      context,
    );
    // Alpha and suppressors are chosen on one half of the facts and judged on the other: each half must be enough.
    const halves = [train, test].map((half) => half.filter(Boolean).length);
    const sufficient = Math.min(...halves) >= SUFFICIENT_FACTS;
    const suppressors = sufficient ? await suppressorsOn(onTrain, train, context) : [];
    const toSweep = (row: LastLayerRow, answer: number): SweepRow => ({
      answer,
      pre: row.pre,
      attention: row.attention,
      bias: row.bias,
      mlp: row.mlp,
      suppressors: sumOf(row.heads, suppressors, model.width),
    });
    const folded = (of: readonly FactPrompts[]) => async (rows: Promise<LastLayerRow[][]>) =>
      (await rows).map((own, f) => own.map((row, p) => toSweep(row, of[f]!.prompts[p]!.answerToken)));
    const captureInSteps = async (of: readonly FactPrompts[]): Promise<SweepRow[][]> => {
      const out: SweepRow[][] = [];
      for (let from = 0; from < of.length; from += FACTS_PER_STEP) {
        const group = of.slice(from, from + FACTS_PER_STEP);
        out.push(...(await folded(group)(capture(group, context))));
      }
      return out;
    };
    const trainFacts = facts.filter((_, f) => train[f]);
    const testFacts = facts.filter((_, f) => test[f]);
    const trainRows = await folded(trainFacts)(Promise.resolve(onTrain));
    const testRows = await captureInSteps(testFacts);
    const rows = facts.map((fact, f) =>
      train[f] ? trainRows[trainFacts.indexOf(fact)]! : testRows[testFacts.indexOf(fact)]!,
    );
    const neutral = await neutralRows(context, toSweep);
    const guards = await Guards.open(
      { neutral, knownTest: testRows, unknown: await captureInSteps(unknown) },
      context,
    );

    const steps = MITIGATION_TARGETS.length + 1;
    context.progress(1, steps + 1);
    const unchanged = await readAll(rows, context);
    const best = await bestTemperature(rows, train, context);
    const heated = best === null ? null : await readAll(rows, context, NO_CHANGE, best);
    const tested = (after: readonly Outcome[][] | null) => beforeAfter(unchanged, after, test, context);
    const temperature: MitigationReport["temperature"] = {
      best,
      range: [2 ** TEMPERATURES.low, 2 ** TEMPERATURES.high],
      test: tested(heated),
      guards: best === null ? noGuards(NO_TRAIN_FACTS) : await guards.measure(NO_CHANGE, best),
    };

    const targets: MitigationResult[] = [];
    const arrays: LabeledArray[] = [];
    for (const target of MITIGATION_TARGETS) {
      const change = changeOf(target, frequency.direction, suppressors);
      if ("reason" in change) {
        targets.push(unmeasured(target, change.reason));
        continue;
      }
      const outcomes = await sweep(rows, unchanged, context, change.at);
      const index = bestIndex(outcomes, train);
      const after = index === null ? null : outcomes[index]!;
      const result = {
        target,
        reason: null,
        points: curve(outcomes, context),
        bestAlpha: index === null ? null : ALPHAS[index]!,
        test: tested(after),
        overTemperature: overTemperature(after, heated, test, context),
        guards:
          index === null ? noGuards(NO_TRAIN_FACTS) : await guards.measure(change.at(ALPHAS[index]!), 1),
      };
      targets.push({ ...result, verdict: verdictOf(result, testFacts.length) });
      arrays.push(bulk(target, outcomes, context));
      context.progress(1 + targets.length, steps + 1);
    }
    return {
      layer: model.layers - 1,
      sufficient,
      trainFacts: trainFacts.length,
      testFacts: testFacts.length,
      unknownFacts: unknown.length,
      unigram: frequency.report,
      suppressors: suppressors.map((head) => `L${model.layers - 1}H${head}`),
      targets,
      temperature,
      reliability: guards.reliability(),
      neutral: { sentences: neutral.length, tokens: neutral.flat().length },
      arrays,
    };
  },
});

/** The last block at the last position, `[fact][prompt]`. */
async function capture(facts: readonly FactPrompts[], context: FurtherContext): Promise<LastLayerRow[][]> {
  const { model } = context;
  const passes = facts.flatMap(({ prompts }) =>
    prompts.map(({ tokens }) => lastLayerPass(tokens, model, "last")),
  );
  const rows = (await context.execute(passes)).map((result) => lastLayerRows(result, model)[0]!);
  let at = 0;
  return facts.map(({ prompts }) => {
    at += prompts.length;
    return rows.slice(at - prompts.length, at);
  });
}

function sumOf(heads: Float32Array, chosen: readonly number[], width: number): Float32Array {
  const out = new Float32Array(width);
  for (const head of chosen) for (let d = 0; d < width; d++) out[d]! += heads[head * width + d]!;
  return out;
}

function changeOf(
  target: MitigationTarget,
  direction: Float64Array | null,
  suppressors: readonly number[],
): { at: (alpha: number) => Change } | { reason: string } {
  if (target === "PROJECT_OUT") {
    if (!direction) return { reason: "nothing estimates how frequent tokens are" };
    return { at: (alpha) => ({ target, alpha, direction }) };
  }
  if (target === "SUPPRESSORS" && suppressors.length === 0)
    return {
      reason:
        "no head is an answer suppressor on the train facts (none is labelled with fewer than 8 train or test facts)",
    };
  return { at: (alpha) => ({ target, alpha }) };
}

function bulk(
  target: MitigationTarget,
  outcomes: readonly Outcome[][][],
  context: FurtherContext,
): LabeledArray {
  const prompts = context.measured.flatMap((fact) => fact.prompts.map(({ index }) => String(index)));
  return {
    name: `mitigation.${target}.log-prob`,
    unit: "nats",
    axes: [
      { dim: "alpha", labels: ALPHAS.map(String) },
      { dim: "prompt", labels: prompts },
    ],
    values: Float32Array.from(
      outcomes.flatMap((facts) => facts.flatMap((own) => own.map(({ logProb }) => logProb))),
    ),
  };
}
