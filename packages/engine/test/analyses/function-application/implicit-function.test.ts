import { describe, expect, it } from "vitest";
import { binomialTail, pairedSignTest } from "../../../src/analyses/function-application/accuracy.ts";
import { implicitFunction } from "../../../src/analyses/function-application/implicit-function.ts";
import {
  applyMlp,
  contextOf,
  measureMovers,
  moverHeads,
} from "../../../src/analyses/function-application/mover-outputs.ts";
import { hookName, mlpReads } from "../../../src/hooks/hook-points.ts";
import { execute } from "../../../src/planner/execute.ts";
import { FAMILIES, openOracle } from "../../oracles/oracle.ts";
import { ans, arg, buildModelM, relation, sub } from "../../synthetic/model-m-folder.ts";
import { furtherContext, numbers, withMovers } from "./further-context.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("the implicit function of model M, mover given", async () => {
  const run = await furtherContext(await buildModelM({ facts: 5 }));
  const context = withMovers(run, "L0H0");
  const report = await implicitFunction.run(context);

  it("is F(1.8 arg) = 4.5 answer - .9 argument: the context holds the relation head's .9 and nothing of the mover", async () => {
    const movers = moverHeads(context.report);
    const outputs = await measureMovers(
      context.measured.map(({ prompts }) => prompts),
      movers,
      [0],
      context,
    );
    const { values } = await applyMlp(
      0,
      contextOf(outputs, movers, [0], 0, context.model),
      outputs.heads,
      context,
    );
    for (const f of range(5)) {
      const tokens = [
        context.facts[f]!.answerToken,
        context.facts[f]!.subjectToken,
        context.facts[(f + 1) % 5]!.answerToken,
      ];
      const directions = await context.instruments.directions(tokens);
      const sigma = context.instruments.scales(outputs.heads[f]!.map((_, d) => outputs.middle[d]!))[0]!;
      const logits = await context.instruments.product(
        values.subarray(f * context.model.width, (f + 1) * context.model.width),
        directions,
        context.model.width,
      );
      const [y, s, other] = [...logits].map((value) => value / sigma);
      expect(y! - other!).toBeCloseTo(4.5, 3);
      expect(s! - other!).toBeCloseTo(-0.9, 3);
    }
  });

  it("names 5 of 5 answers where the head itself names none: ties are wrong", () => {
    expect(report).toMatchObject({
      layers: [0, 1],
      movers: ["L0H0"],
      candidates: 5,
      chance: 0.2,
      baseline: 0.2,
    });
    const [first, last] = report.accuracies;
    expect(first).toMatchObject({
      layer: 0,
      argument: "all",
      heads: ["L0H0"],
      functionAccuracy: { value: 1, low: 1, high: 1, n: 5 },
      copyAccuracy: { value: 0 },
      gain: { value: 1 },
    });
    expect(first!.functionP).toBeCloseTo(0.2 ** 5, 10);
    expect(first!.gainP).toBeCloseTo(2 / 2 ** 5, 10);
    // MLP1 writes the same whatever comes: F = 0.
    expect(last).toMatchObject({ layer: 1, functionAccuracy: { value: 0 }, functionP: 1, gainP: 1 });
    expect(first!.functionQ).toBeCloseTo(2 * 0.2 ** 5, 10);
    expect(report.accuracies).toHaveLength(2);
  });

  it("names the other relation's answers in the other relation's context, and no longer its own", () => {
    expect(report.specificity[0]).toMatchObject({
      layer: 0,
      task: "relation-1",
      facts: 5,
      thisInOwn: { value: 1, n: 5 },
      thisInOther: { value: 0 },
      otherInOwn: { value: 0 },
      otherInOther: { value: 1 },
      thisFall: { value: 1, low: 1 },
      otherRise: { value: 1, low: 1 },
      specific: false,
    });
    expect(report.specificity[1]).toMatchObject({
      layer: 1,
      thisFall: { value: 0 },
      otherRise: { value: 0 },
    });
    expect(report.skipped).toEqual([]);
  });

  it("judges nothing on 5 facts, and does nothing without movers", async () => {
    expect(report).toMatchObject({ verdict: "NOT_OBSERVED", reason: expect.stringMatching(/5 facts/) });
    expect(await implicitFunction.run(run)).toMatchObject({
      accuracies: [],
      verdict: "NOT_OBSERVED",
      reason: "too few known facts to name mover heads",
    });
    expect([...numbers(report)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
  });
});

describe("verdicts", () => {
  it("observes the function of model M on 10 facts, at MLP0 and with its own movers", async () => {
    const report = await implicitFunction.run(await furtherContext(await buildModelM({ facts: 10 })));
    expect(report.movers).toEqual(["L0H0", "L1H1"]);
    expect(report).toMatchObject({ verdict: "OBSERVED", headlineLayer: 0 });
    expect(report.specificity[0]).toMatchObject({ specific: true, facts: 10 });
    // The booster writes into layer 1 only; there its own output carries the answer.
    expect(report.accuracies.map(({ layer, argument }) => `${layer} ${argument}`)).toEqual([
      "0 all",
      "1 all",
      "1 L0H0",
      "1 L1H1",
    ]);
    expect(report.accuracies[3]).toMatchObject({
      functionAccuracy: { value: 0 },
      copyAccuracy: { value: 1 },
    });
  });

  it("does not call amplification a function: the head brings the answer, the MLP repeats it", async () => {
    const F = 10;
    const model = await buildModelM({
      facts: F,
      change: ([first, last]) => [
        {
          heads: first!.heads.map((head, h) =>
            h === 0 ? { ...head, ov: range(F).map((f) => ({ from: sub(f), to: ans(0, f), gain: 1 })) } : head,
          ),
          neurons: range(F).map((f) => ({ in: { [ans(0, f)]: 1 }, bias: 0, out: { [ans(0, f)]: 3 } })),
        },
        last!,
      ],
    });
    const report = await implicitFunction.run(await furtherContext(model));
    expect(report.accuracies[0]).toMatchObject({
      functionAccuracy: { value: 1 },
      copyAccuracy: { value: 1 },
      gain: { value: 0 },
      gainP: 1,
    });
    expect(report).toMatchObject({
      verdict: "NOT_OBSERVED",
      reason: expect.stringMatching(/bring names them as well/),
    });
  });

  it("finds no specificity where the MLP ignores the relation", async () => {
    const F = 10;
    const both = await buildModelM({
      facts: F,
      change: ([first, last]) => [
        {
          heads: first!.heads,
          neurons: range(F).map((f) => ({
            in: { [arg(f)]: 1 },
            bias: -0.9,
            out: { [ans(0, f)]: 5, [ans(1, f)]: 5 },
          })),
        },
        last!,
      ],
    });
    const report = await implicitFunction.run(await furtherContext(both));
    expect(report.verdict).toBe("OBSERVED");
    expect(report.specificity[0]).toMatchObject({
      thisFall: { value: 0 },
      otherRise: { value: 0 },
      otherInOwn: { value: 1 },
      specific: false,
    });
  });

  it("says why a related task gives no context: the model knows nothing of it", async () => {
    const F = 8;
    const model = await buildModelM({
      facts: F,
      change: ([first, last]) => [
        {
          heads: first!.heads,
          // Relation 1 always answers with another fact's answer.
          neurons: [
            ...first!.neurons.filter((neuron) => !(relation(1) in neuron.in)),
            { in: { [relation(1)]: 1, [arg(0)]: -1 }, bias: 0, out: { [ans(1, 0)]: 5 } },
            { in: { [relation(1)]: 1, [arg(0)]: 1 }, bias: -1.8, out: { [ans(1, 1)]: 5 } },
          ],
        },
        last!,
      ],
    });
    const report = await implicitFunction.run(await furtherContext(model));
    expect(report.specificity).toEqual([]);
    expect(report.skipped).toEqual([
      { task: "relation-1", reason: expect.stringMatching(/knows none of its 8 shared facts/) },
    ]);
  });
});

describe.each(FAMILIES)("F(a) on the oracle %s", (family) => {
  it("is the difference of the MLP outputs that the model itself has at two positions of the stream", async () => {
    const { session, prompts } = await openOracle(family);
    const [a, b] = prompts("clean") as [number[], number[]];
    const { layers, width } = session.spec.facts;
    const context = {
      model: session.spec.facts,
      measured: [{ index: 0, prompts: [{ tokens: a }] }] as never,
      execute: (passes: Parameters<typeof execute>[1]) => execute(session, passes),
    };
    for (let layer = 0; layer < layers; layer++) {
      const hooks = [hookName(mlpReads(session.spec.facts), layer), hookName("hook_mlp_out", layer)] as const;
      const capture = hooks.map((hook) => ({ hook, positions: "last" as const }));
      const [first, second] = await execute(session, [
        { tokens: a, capture },
        { tokens: b ?? a.slice(0, -1), capture },
      ]);
      const middle = [first!, second!].map(({ captures }) => captures.get(hooks[0])!);
      const written = [first!, second!].map(({ captures }) => captures.get(hooks[1])!);
      const change = middle[1]!.map((value, d) => value - middle[0]![d]!);
      const { values } = await applyMlp(
        layer,
        Float64Array.from(middle[0]!),
        [change, new Float32Array(width)],
        context,
      );
      for (let d = 0; d < width; d++) {
        expect(values[d]).toBeCloseTo(written[1]![d]! - written[0]![d]!, 4);
        expect(values[width + d]).toBe(0);
      }
      expect(Math.max(...change.map(Math.abs))).toBeGreaterThan(1e-3);
    }
    await session.close();
  });
});

describe("tests of accuracy", () => {
  it("gives exact binomial tails", () => {
    expect(binomialTail(0, 10, 0.3)).toBe(1);
    expect(binomialTail(2, 2, 0.5)).toBeCloseTo(0.25, 12);
    expect(binomialTail(8, 10, 0.5)).toBeCloseTo((45 + 10 + 1) / 1024, 12);
    expect(binomialTail(1, 3, 0.2)).toBeCloseTo(1 - 0.8 ** 3, 12);
    expect(binomialTail(3, 3, 1)).toBe(1);
    expect(binomialTail(300, 300, 0.01)).toBeCloseTo(0, 12);
  });

  it("tests a gain on the facts that differ, not on all", () => {
    const of = (wins: number, losses: number, ties: number) =>
      pairedSignTest(
        [...Array(wins).fill(true), ...Array(losses).fill(false), ...Array(ties).fill(true)],
        [...Array(wins).fill(false), ...Array(losses).fill(true), ...Array(ties).fill(true)],
      );
    expect(of(6, 0, 0)).toBeCloseTo(2 / 64, 12);
    expect(of(6, 0, 50)).toBeCloseTo(2 / 64, 12);
    expect(of(0, 6, 3)).toBeCloseTo(2 / 64, 12);
    expect(of(3, 3, 0)).toBe(1);
    expect(of(0, 0, 9)).toBe(1);
  });
});
