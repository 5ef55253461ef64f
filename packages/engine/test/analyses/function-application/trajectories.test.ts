import { describe, expect, it } from "vitest";
import { redirect } from "../../../src/analyses/function-application/redirect.ts";
import { trajectories } from "../../../src/analyses/function-application/trajectories.ts";
import { ans, buildModelM, sub } from "../../synthetic/model-m-folder.ts";
import { furtherContext, numbers } from "./further-context.ts";

const V = 20;
const close = (actual: number | null | undefined, expected: number, digits = 4) => {
  expect(actual).not.toBeNull();
  expect(actual!).toBeCloseTo(expected, digits);
};

/** The mover writes the answer itself: what an enriched subject gives an attribute extractor. */
const withoutArgument = (facts: number) =>
  buildModelM({
    facts,
    change: ([first, last]) => [
      {
        heads: first!.heads.map((head, h) =>
          h === 0
            ? {
                ...head,
                ov: Array.from({ length: facts }, (_, f) => ({ from: sub(f), to: ans(0, f), gain: 5 })),
              }
            : head,
        ),
        neurons: [],
      },
      last!,
    ],
  });

describe("trajectories of model M", async () => {
  const context = await furtherContext(await buildModelM({ facts: 5 }));
  const report = await trajectories.run(context);

  it("reads subject and answer at every state with the state's own scale", () => {
    expect(report.states.map(({ label }) => label)).toEqual([
      "L0.pre",
      "L0.mid",
      "L0.post",
      "L1.mid",
      "L1.post",
    ]);
    const [s, y, the] = [
      [0, 1.8, 0.9, 0.9, 0.9],
      [0, 0, 4.5, 3.4875, 3.4875],
      [0, 0, 0, 0, 3],
    ];
    for (let state = 0; state < 5; state++) {
      const mean = (s[state]! + y[state]! + the[state]!) / V;
      close(report.subject.centredLogit.median[state], s[state]! - mean);
      close(report.answer.centredLogit.median[state], y[state]! - mean);
      close(report.control.centredLogit.median[state], -mean);
      close(report.otherRelation.centredLogit.median[state], -mean);
    }
    close(report.answer.probability.median[4], 0.4526566);
    expect(report.subject.rank.median.slice(1)).toEqual([0, 1, 1, 2]);
    expect(report.answer.rank.median.slice(2)).toEqual([0, 0, 0]);
    expect(report.answer.rank.lower.slice(2)).toEqual([0, 0, 0]);
  });

  it("peaks at L0.mid (not at the flat L0.pre), crosses and saturates at L0.post", () => {
    expect(report.argumentPeak).toMatchObject({ state: 1, observed: 5, depth: { value: 0.25, n: 5 } });
    expect(report.crossover).toMatchObject({ state: 2, observed: 5, depth: { value: 0.5 } });
    expect(report.saturation).toMatchObject({ state: 2, observed: 5, depth: { value: 0.5 } });
    const stages = report.arrays!.find(({ name }) => name === "trajectories.stages")!;
    expect([...stages.values]).toEqual(Array.from({ length: 5 }, () => [1, 2, 2]).flat());
  });

  it("has an argument stage on every prompt, and none for the donor's subject", () => {
    expect(report.signature).toMatchObject({ value: 1, low: 1, high: 1, n: 5 });
    expect(report.controlSignature.value).toBe(0);
    expect(report.signatureGain.value).toBe(1);
    expect([report.prompts, report.excluded, report.rankLimit]).toEqual([5, 0, 0]);
  });

  it("gives no label on 5 facts", () => {
    expect(report).toMatchObject({ label: "not observed", reason: expect.stringMatching(/5 facts/) });
  });

  it("splits the answer's rise between attention and MLPs, to the whole", () => {
    close(report.mlpRise.value, 4.5 - (4.5 - 0.9) / V - 3 / V);
    close(report.attentionRise.value, -1.8 / V - 1.0125 + 1.0125 / V);
    close(report.mlpRise.value! + report.attentionRise.value!, 3.4875 - 7.3875 / V);
    close(report.attentionLead.value, report.attentionRise.value! - report.mlpRise.value!);
  });

  it("says so where no related task gives another answer, and where a subject is its answer's token", async () => {
    const alone = await trajectories.run({
      ...context,
      related: [],
      facts: context.facts.map((fact) => ({ ...fact, donor: null, subjectToken: fact.answerToken })),
    });
    expect(alone.otherRelation).toMatchObject({
      facts: 0,
      reason: "no related task asks about these subjects",
    });
    expect(alone.otherRelation.rank.median).toEqual([null, null, null, null, null]);
    expect(alone.control).toMatchObject({ facts: 0 });
    expect(alone).toMatchObject({ prompts: 0, excluded: 5 });
    expect(alone.signature).toMatchObject({
      value: null,
      reason: "subject and answer start with the same token",
    });
    expect(alone.label).toBe("not observed");
    expect([...numbers(alone)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });
});

describe("a model whose norm scales matter", async () => {
  const context = await furtherContext(await buildModelM({ facts: 5, ballast: 8 }));
  const { lens, directLogitAttribution } = context.report.prediction;

  it("has the same lens as the run's own, not one with the final scale", async () => {
    const report = await trajectories.run(context);
    for (let state = 0; state < 5; state++) {
      close(report.answer.centredLogit.median[state], lens.answer.centredLogit[state]!.value!);
      close(report.subject.centredLogit.median[state], lens.subject.centredLogit[state]!.value!);
    }
  });

  it("changes the lens by own scales, and writes directly by the final one", async () => {
    const { layers } = await redirect.run(context);
    for (const [layer, redirected] of layers.entries()) {
      const change = (which: "answer" | "subject") =>
        lens[which].centredLogit[2 * layer + 2]!.value! - lens[which].centredLogit[2 * layer + 1]!.value!;
      close(redirected.answerChange.value, change("answer"));
      close(redirected.eraseIndex.value, -change("subject"));
      const direct = directLogitAttribution.components.find(({ label }) => label === `MLP${layer}`)!;
      close(redirected.answerDirect.value, direct.centred.value!);
    }
    expect(Math.abs(layers[0]!.answerDirect.value! - layers[0]!.answerChange.value!)).toBeGreaterThan(0.01);
  });
});

describe("labels", () => {
  it("calls model M argument-function", async () => {
    const report = await trajectories.run(await furtherContext(await buildModelM({ facts: 10 })));
    expect(report.label).toBe("argument-function");
    expect(report.signatureGain.low).toBeGreaterThan(0.5);
  });

  it("calls a model whose head brings the answer itself attribute extraction, not argument-function", async () => {
    const report = await trajectories.run(await furtherContext(await withoutArgument(10)));
    expect(report.label).toBe("attribute extraction by heads");
    expect(report.signature.value).toBe(0);
    expect(report.crossover.state).toBe(1);
    close(report.argumentPeak.depth.value, 0, 6);
  });
});

describe("redirection in model M", async () => {
  const context = await furtherContext(await buildModelM({ facts: 5 }));
  const { layers, ...report } = await redirect.run(context);
  const [first, last] = layers as [(typeof layers)[number], (typeof layers)[number]];

  it("erases .9 of the argument by MLP0, 1.08 against a vocabulary that it raises by .18", () => {
    close(first.subjectLogitChange.value, -0.9);
    close(first.eraseIndex.value, 0.9 + 3.6 / V);
    close(first.subjectChange.value, -0.9 - 3.6 / V);
    close(first.answerLogitChange.value, 4.5);
    close(first.answerChange.value, 4.5 - 3.6 / V);
    expect(first.eraseIndex).toMatchObject({ n: 5 });
    expect(report).toMatchObject({ prompts: 5, centred: true });
  });

  it("points at the answer, less at any candidate", () => {
    // m = 4.5 y - .9 s with orthogonal unit unembeddings u, minus their mean; only tokens of weight: 16 of 20 have an unembedding.
    const rows = 3 * 5 + 1;
    const length = Math.sqrt(4.5 ** 2 + 0.9 ** 2);
    const direction = Math.sqrt((1 - 1 / V) ** 2 + (rows - 1) / V ** 2);
    const product = 4.5 * (1 - 1 / V) + 0.9 / V;
    close(first.answerCosine.value, product / (length * direction));
    // u_y - mean of 5 candidates: length sqrt(1 - 1/5).
    close(first.answerAmongCandidatesCosine.value, (4.5 * 0.8) / (length * Math.sqrt(0.8)));
    const common = Math.sqrt(5 * (1 / 5 - 1 / V) ** 2 + (rows - 5) / V ** 2);
    close(first.candidatesCosine.value, (4.5 * (1 / 5 - 1 / V) + 0.9 / V) / (length * common));
  });

  it("tells what the MLP writes from what the scale does", () => {
    close(first.answerDirect.value, 4.5 - 3.6 / V);
    close(first.subjectDirect.value, -0.9 - 3.6 / V);
    close(last.answerDirect.value, -3 / V);
    close(last.answerLogitChange.value, 0);
    close(last.answerAmongCandidatesCosine.value, 0);
  });

  it("gives m against the stream it is added to, ballast included", () => {
    expect(first.normRatio.value).toBeGreaterThan(0);
    expect(first.normRatio.value).toBeLessThan(1e-3);
  });

  it("is not observed where an MLP writes nothing", async () => {
    const idle = await redirect.run(
      await furtherContext(
        await buildModelM({ facts: 5, change: (blocks, nothing) => [...blocks, nothing] }),
      ),
    );
    expect(idle.layers[2]!.answerCosine).toMatchObject({ value: null, reason: "the MLP writes nothing" });
    close(idle.layers[2]!.eraseIndex.value, 0);
    expect([...numbers(idle)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });
});
