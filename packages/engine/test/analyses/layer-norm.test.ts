import { describe, expect, it } from "vitest";
import { directLogitAttribution } from "../../src/analyses/prediction/direct-logit-attribution.ts";
import { logitLens } from "../../src/analyses/prediction/logit-lens.ts";
import type { PassResult } from "../../src/planner/forward-pass.ts";
import { aggregationOf, modelM, taskOfM } from "./model-m.ts";
import { referenceInstruments } from "./reference-instruments.ts";

/**
 * One block whose parts are known: e = [1, 2, 3], a = [2, 0, -2], m = [0, 3, 0] under gain [1, 2, 1] and bias [0, 1, 0]. Two tokens read
 * [1, 0, 0] and [0, 1, -1], a third reads nothing. The lens takes each state's own scale, attribution the final one: here they differ even
 * in sign.
 */
const [e, a, m] = [Float32Array.of(1, 2, 3), Float32Array.of(2, 0, -2), Float32Array.of(0, 3, 0)];
const mid = e.map((x, d) => x + a[d]!);
const post = mid.map((x, d) => x + m[d]!);
const task = taskOfM(modelM(5), 5);
const context = {
  ...task.context,
  model: { ...task.context.model, layers: 1, heads: 1, kvHeads: 1, width: 3, vocabulary: 3 },
  candidates: [0, 1],
  facts: task.context.facts.map((fact) => ({ ...fact, answerToken: 0, subjectToken: 1 })),
  instruments: referenceInstruments({
    ...{ width: 3, vocabulary: 3, norm: "layernorm", epsilon: 0 },
    gain: [1, 2, 1],
    bias: [0, 1, 0],
    unembedding: [1, 0, 0, 0, 1, -1, 0, 0, 0],
    output: () => ({ heads: 1, headWidth: 1, values: [1, 0, 0] }),
  }),
};
const fact = {
  ...task.facts[0]!,
  prompts: task.facts[0]!.prompts.map((prompt) => ({ ...prompt, answerToken: 0 })),
};
const captures = new Map([
  ["hook_embed", e],
  ["blocks.0.hook_resid_pre", e],
  ["blocks.0.attn.hook_result", a],
  ["blocks.0.hook_attn_out", a],
  ["blocks.0.hook_resid_mid", mid],
  ["blocks.0.hook_mlp_out", m],
  ["blocks.0.hook_resid_post", post],
]) as PassResult["captures"];
const centred = (logits: number[], token: number) => logits[token]! - (logits[0]! + logits[1]!) / 3;

describe("under a LayerNorm", () => {
  it("the lens recomputes the scale at every state", async () => {
    const measured = await logitLens.measure(fact, [[{ captures }]], context);
    const { report } = await logitLens.aggregate([measured], aggregationOf(context, [fact]));
    const logits = [
      [-1.224745, -0.224745],
      [1.224745, 2.224745],
      [0, 4.674235],
    ];
    for (const [state, own] of logits.entries()) {
      expect(report.answer.centredLogit[state]!.value).toBeCloseTo(centred(own, 0), 5);
      expect(report.subject.centredLogit[state]!.value).toBeCloseTo(centred(own, 1), 5);
    }
  });

  it("attribution keeps the final scale, and parts and constant sum to the logits", async () => {
    const measured = await directLogitAttribution.measure(fact, [[{ captures }]], context);
    const report = await directLogitAttribution.aggregate([measured], aggregationOf(context, [fact]));
    const parts = [
      [-0.612372, -0.612372],
      [1.224745, 1.224745],
      [0, 0],
      [-0.612372, 3.061862],
    ];
    expect(report.components.map(({ label }) => label)).toEqual(["embed", "L0H0", "L0.attn_bias", "MLP0"]);
    for (const [c, own] of parts.entries()) {
      expect(report.components[c]!.answer.value).toBeCloseTo(own[0]! - own[1]!, 5);
      expect(report.components[c]!.centred.value).toBeCloseTo(centred(own, 0), 5);
    }
    expect(report.completenessError).toBeLessThan(1e-5);
  });
});
