import { describe, expect, it } from "vitest";
import { directLogitAttribution } from "../../src/analyses/prediction/direct-logit-attribution.ts";
import { logitLens } from "../../src/analyses/prediction/logit-lens.ts";
import { knownShare, outcomes } from "../../src/analyses/prediction/outcomes.ts";
import { analyse, modelM, taskOfM } from "./model-m.ts";
import { runToy } from "./toy-model.ts";

const F = 5;
const model = modelM(F);
const task = taskOfM(model, F);
const V = model.toy.vocabulary;
/** logits besides answer and subject: MLP1 adds "the" in the last state only. */
const centred = (logit: number, others: number) => logit - (logit + others) / V;

describe("outcomes of model M", () => {
  it("has 20 tokens and 28 dimensions", () => {
    expect([V, model.toy.width]).toEqual([20, 28]);
  });

  it("gives the answer's probability, rank and centred logit", async () => {
    const report = await analyse(outcomes, model.toy, task);
    expect(report.probability.value).toBeCloseTo(0.4526566, 6);
    expect(report.logProb.value).toBeCloseTo(Math.log(0.4526566), 6);
    expect(report.top1).toMatchObject({ value: 1, low: 1, high: 1, n: 5 });
    expect(report.candidateTop1.value).toBe(1);
    expect(report.medianRank).toBe(0);
    expect(report.chance).toBe(1 / F);
  });

  it("lists the likeliest tokens in order, the answer first, then `the`", async () => {
    const fact = task.facts[1]!;
    const results = fact.prompts.map((prompt) => runToy(model.toy, outcomes.passes(prompt, task.context)));
    const [outcome] = await outcomes.measure(fact, results, task.context);
    expect(outcome!.topTokens.slice(0, 3).map(({ token }) => token)).toEqual([
      model.tokens.answer(0, 1),
      model.tokens.the,
      model.tokens.subject(1),
    ]);
    expect(outcome!.topTokens).toHaveLength(10);
    expect(outcome!.centredLogit).toBeCloseTo(centred(3.4875, 3 + 0.9), 5);
    expect(outcome!.fullAnswerTop1).toBeNull();
  });

  it("ranks an answer below every token with a larger logit, and among candidates only", async () => {
    const fact = task.facts[1]!;
    const asked = { ...fact, prompts: [{ ...fact.prompts[0]!, answerToken: model.tokens.answer(0, 0) }] };
    const results = asked.prompts.map((prompt) => runToy(model.toy, outcomes.passes(prompt, task.context)));
    const [outcome] = await outcomes.measure(asked, results, task.context);
    // Larger: the right answer, `the`, the subject. Tokens with the same logit 0 do not count.
    expect(outcome).toMatchObject({ rank: 3, candidateRank: 1 });
  });

  it.each([
    ["all its tokens are top-1", "the", true],
    ["its second token is not", "subject", false],
  ])("forces an answer of two tokens: %s", async (_, second, expected) => {
    const fact = task.facts[0]!;
    const answerTokens = [
      model.tokens.answer(0, 0),
      second === "the" ? model.tokens.the : model.tokens.subject(0),
    ];
    const asked = { ...fact, prompts: [{ ...fact.prompts[0]!, answerTokens }] };
    const passes = outcomes.passes(asked.prompts[0]!, task.context);
    expect(passes.map(({ tokens }) => tokens.length)).toEqual([4, 5]);
    const [outcome] = await outcomes.measure(asked, [runToy(model.toy, passes)], task.context);
    expect(outcome!.fullAnswerTop1).toBe(expected);
  });

  it("counts a fact as known by the share of its prompts", () => {
    const outcome = (rank: number, candidateRank: number) => ({
      rank,
      candidateRank,
      probability: 0,
      logProb: 0,
      centredLogit: 0,
      fullAnswerTop1: null,
      topTokens: [],
    });
    const own = [outcome(0, 0), outcome(9, 0), outcome(10, 1), outcome(30, 0)];
    expect(knownShare(own, "TOP1")).toBe(0.25);
    expect(knownShare(own, "TOP10")).toBe(0.5);
    expect(knownShare(own, "CANDIDATE_TOP1")).toBe(0.75);
  });
});

describe("logit lens of model M", () => {
  it("follows subject and answer through the states", async () => {
    const { report, arrays } = await analyse(logitLens, model.toy, task);
    expect(report.states.map(({ label }) => label)).toEqual([
      "L0.pre",
      "L0.mid",
      "L0.post",
      "L1.mid",
      "L1.post",
    ]);
    expect(report.states.map(({ depth }) => depth)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const [s, y, the] = [
      [0, 1.8, 0.9, 0.9, 0.9],
      [0, 0, 4.5, 3.4875, 3.4875],
      [0, 0, 0, 0, 3],
    ];
    for (let state = 0; state < 5; state++) {
      const total = s![state]! + y![state]! + the![state]!;
      expect(report.subject.centredLogit[state]!.value).toBeCloseTo(s![state]! - total / V, 5);
      expect(report.answer.centredLogit[state]!.value).toBeCloseTo(y![state]! - total / V, 5);
    }
    expect(report.answer.probability[2]!.value).toBeCloseTo(0.8148062, 6);
    expect(report.answer.probability[4]!.value).toBeCloseTo(0.4526566, 6);
    // The argument peaks at L0.mid, where the answer is one of the tokens below the subject; they cross at L0.post.
    expect(report.subject.medianRank).toEqual([0, 0, 1, 1, 2]);
    expect(report.answer.medianRank).toEqual([0, 1, 0, 0, 0]);
    const probability = arrays.find(({ name }) => name === "lens.answer.probability")!;
    expect(probability.axes.map(({ labels }) => labels.length)).toEqual([F, 5]);
    expect(probability.values[1 * 5 + 2]).toBeCloseTo(0.8148062, 6);
  });
});

describe("direct logit attribution of model M", () => {
  it("gives each component its part, and all of them the whole", async () => {
    const report = await analyse(directLogitAttribution, model.toy, task);
    const of = (label: string) => report.components.find((c) => c.label === label)!;
    expect(report.completenessError).toBeLessThan(1e-5);
    expect(of("L0H0").answer.value).toBeCloseTo(0, 6);
    expect(of("MLP0").answer.value).toBeCloseTo(4.5, 5);
    expect(of("L1H0").answer.value).toBeCloseTo(-2.025, 5);
    expect(of("L1H1").answer.value).toBeCloseTo(1.0125, 5);
    expect(of("MLP1").answer.value).toBeCloseTo(0, 6);
    // Against the vocabulary, MLP1's write to "the" takes 3 / 20 from everything else.
    expect(of("MLP1").centred.value).toBeCloseTo(-3 / V, 6);
    expect(of("MLP0").centred.value).toBeCloseTo(4.5 - (4.5 - 0.9) / V, 5);
    const total = report.components.reduce((sum, { centred }) => sum + centred.value!, 0);
    expect(total).toBeCloseTo(centred(3.4875, 3 + 0.9), 5);
    expect(report.components.map(({ label }) => label)).toEqual([
      ...["embed", "L0H0", "L0H1", "L0H2", "L0.attn_bias", "MLP0"],
      ...["L1H0", "L1H1", "L1H2", "L1.attn_bias", "MLP1"],
    ]);
  });

  it("reports the part of the logit that it was not given", async () => {
    const broken = {
      ...task,
      context: {
        ...task.context,
        instruments: { ...task.context.instruments, constants: async () => new Float64Array(F).fill(0.25) },
      },
    };
    const report = await analyse(directLogitAttribution, model.toy, broken);
    expect(report.completenessError).toBeCloseTo(0.25, 5);
  });
});
