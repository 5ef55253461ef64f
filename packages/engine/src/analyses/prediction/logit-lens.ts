import { residualStates } from "../../hooks/residual-states.ts";
import { median } from "../../math/statistics.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type { LensReport } from "../../results/report.ts";
import { defineAnalysis, type WithArrays } from "../analysis.ts";
import { meansOverPrompts } from "../per-fact.ts";

/** One prompt's trajectory, each `[state]`. */
interface Trajectory {
  rank: Float64Array;
  centredLogit: Float64Array;
  probability: Float64Array;
}
interface LensMeasurement {
  answer: Trajectory[];
  subject: Trajectory[];
}

/**
 * Logit lens (nostalgebraist 2020): each state through the final norm with the state's own scale and the unembedding, read for the answer
 * and for the subject's first token.
 */
export const logitLens = defineAnalysis<LensMeasurement, WithArrays<LensReport>>({
  id: "logit-lens",
  title: "Logit lens",
  mechanism: "prediction",
  summary: "Rank, centred logit and probability of answer and subject at every state of the residual stream.",

  passes: ({ tokens }, { model }) => [
    { tokens, capture: residualStates(model).map(({ hook }) => ({ hook, positions: "last" })) },
  ],

  async measure({ index, prompts }, results, { model, facts, instruments }) {
    const states = residualStates(model);
    const out: LensMeasurement = { answer: [], subject: [] };
    for (const [i, prompt] of prompts.entries()) {
      const rows = new Float32Array(states.length * model.width);
      for (const [s, { hook }] of states.entries())
        rows.set(results[i]![0]!.captures.get(hook)!, s * model.width);
      const targets = states.map(() => [prompt.answerToken, facts[index]!.subjectToken]);
      const read = await instruments.read(instruments.normalise(rows), targets, 2);
      for (const [column, list] of [out.answer, out.subject].entries()) {
        const logit = (s: number) => read.logit[s * 2 + column]!;
        list.push({
          rank: Float64Array.from(states, (_, s) => read.rank[s * 2 + column]!),
          centredLogit: Float64Array.from(states, (_, s) => logit(s) - read.mean[s]!),
          probability: Float64Array.from(states, (_, s) => Math.exp(logit(s) - read.logSumExp[s]!)),
        });
      }
    }
    return out;
  },

  aggregate(measurements, context) {
    const states = residualStates(context.model);
    const trajectory = (which: "answer" | "subject") => ({
      medianRank: states.map((_, s) =>
        median(measurements.flatMap((m) => m[which].map(({ rank }) => rank[s]!))),
      ),
      centredLogit: meansOverPrompts(
        measurements.map((m) => m[which].map((t) => t.centredLogit)),
        states.length,
        context,
      ),
      probability: meansOverPrompts(
        measurements.map((m) => m[which].map((t) => t.probability)),
        states.length,
        context,
      ),
    });
    const prompts = context.measured.flatMap((fact) => fact.prompts.map(({ index }) => String(index)));
    const array = (
      which: "answer" | "subject",
      unit: "rank" | "probability",
      pick: (t: Trajectory) => Float64Array,
    ): LabeledArray => ({
      name: `lens.${which}.${unit}`,
      unit,
      axes: [
        { dim: "prompt", labels: prompts },
        { dim: "state", labels: states.map(({ label }) => label) },
      ],
      values: Float32Array.from(measurements.flatMap((m) => m[which].flatMap((t) => [...pick(t)]))),
    });
    return {
      report: {
        states: states.map(({ label, layer, point, depth }) => ({ label, layer, point, depth })),
        answer: trajectory("answer"),
        subject: trajectory("subject"),
      },
      arrays: (["answer", "subject"] as const).flatMap((which) => [
        array(which, "rank", (t) => t.rank),
        array(which, "probability", (t) => t.probability),
      ]),
    };
  },
});
