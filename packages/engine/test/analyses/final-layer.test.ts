import { describe, expect, it } from "vitest";
import { finalLayer, suppressionOf } from "../../src/analyses/final-layer/final-layer.ts";
import { trainTest } from "../../src/analyses/final-layer/judging.ts";
import { seededRandom } from "../../src/math/random.ts";
import type { PassResult } from "../../src/planner/forward-pass.ts";
import { aggregationOf, analyse, modelM, taskOfM } from "./model-m.ts";
import { referenceInstruments } from "./reference-instruments.ts";

describe("final layer of model M", async () => {
  const model = modelM(5);
  const report = await analyse(finalLayer, model.toy, taskOfM(model, 5));

  it("loses half of the answer's probability", () => {
    expect(report.logProbChange.value).toBeCloseTo(Math.log(0.4526566 / 0.8148062), 5);
    expect(report.rankChange.value).toBe(0);
    expect(report.layer).toBe(1);
  });

  it("splits the loss into heads, MLP and scale", () => {
    // Two players without the scale: the mean of each one's gain first and last.
    const [before, heads, mlp, both] = [0.8148062, 0.615158, 0.694779, 0.4526566].map(Math.log) as [
      number,
      number,
      number,
      number,
    ];
    expect(report.headPart.value).toBeCloseTo((heads - before + both - mlp) / 2, 5);
    expect(report.mlpPart.value).toBeCloseTo((mlp - before + both - heads) / 2, 5);
    expect(report.scalePart.value).toBe(0);
  });

  it("gives each head's part", () => {
    expect(report.heads[0]!.dlaAnswer.value).toBeCloseTo(-2.025 * 0.95, 5);
    expect(report.heads[1]!.dlaAnswer.value).toBeCloseTo(1.0125 * 0.95, 5);
    expect(report.heads[0]!.dlaCandidates.value).toBeCloseTo(2.025 / 20, 5);
    expect(report.mlpDla.value).toBeCloseTo(-3 / 20, 5);
  });

  it("sweeps heads and MLP", () => {
    const curve = (target: string) => report.sweeps.find((sweep) => sweep.target === target)!;
    const at = (target: string, alpha: number) =>
      curve(target).points.find((point) => point.alpha === alpha)!.probability.value;
    const expected = {
      HEADS: [0.694779, 0.578424, 0.452657, 0.332657],
      MLP: [0.615158, 0.577348, 0.452657, 0.230018],
    };
    for (const [target, values] of Object.entries(expected)) {
      for (const [i, alpha] of [0, 0.5, 1, 1.5].entries())
        expect(at(target, alpha)).toBeCloseTo(values[i]!, 5);
    }
    expect(at("JOINT", 0)).toBeCloseTo(0.8148062, 5);
    expect(report.sweeps.map(({ bestAlpha }) => bestAlpha)).toEqual([0, 0, 0]);
    expect(curve("HEADS").testLogProbGain.value).toBeCloseTo(Math.log(0.694779 / 0.4526566), 5);
    // 2 of 5 facts choose, 3 report.
    expect(curve("HEADS").testLogProbGain.n).toBe(3);
    expect(curve("HEADS").testRankChange.value).toBe(0);
    expect(curve("HEADS").points).toHaveLength(16);
  });

  it("finds the temperature that serves the train facts best", () => {
    // p(y) = 1 / (1 + e^{-.4875 b} + e^{-2.5875 b} + 17 e^{-3.4875 b}) grows with b = 1 / T: the coldest allowed.
    expect(report.temperature.best).toBeCloseTo(0.25, 2);
    const b = 1 / report.temperature.best!;
    const cold = 1 / (1 + Math.exp(-0.4875 * b) + Math.exp(-2.5875 * b) + 17 * Math.exp(-3.4875 * b));
    expect(report.temperature.testLogProbGain.value).toBeCloseTo(Math.log(cold / 0.4526566), 4);
  });

  it("judges nothing on 5 facts, and sees the suppression on 10", async () => {
    expect(report.suppression).toBe("INCONCLUSIVE");
    expect(report.heads.some(({ suppressor }) => suppressor)).toBe(false);
    const ten = modelM(10);
    const more = await analyse(finalLayer, ten.toy, taskOfM(ten, 10));
    expect(more.suppression).toBe("OBSERVED");
    expect(more.heads.map(({ suppressor }) => suppressor)).toEqual([true, false, false]);
  });

  it("does not call a head that lowers all candidates alike a suppressor", async () => {
    const F = 10;
    const even = modelM(F, ([first, last]) => {
      const [, ...others] = last!.heads;
      const ov = (x: Float64Array, out: Float64Array) => {
        for (let d = 2 * F + 7; d < 4 * F + 7; d++) out[d] = -x[F + 3]!;
      };
      return [first!, { ...last!, heads: [{ key: F + 3, ov }, ...others] }];
    });
    const { heads } = await analyse(finalLayer, even.toy, taskOfM(even, F));
    expect(heads[0]!.dlaAnswer.high).toBeLessThan(-0.3);
    expect(heads[0]!.suppressor).toBe(false);
  });

  it("does not see it in an idle last layer", async () => {
    const F = 10;
    const idle = modelM(F, (blocks, nothing) => [...blocks, nothing]);
    const none = await analyse(finalLayer, idle.toy, taskOfM(idle, F));
    expect(none.logProbChange).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(none.suppression).toBe("NOT_OBSERVED");
    // All alphas give the same: the tie goes to no change.
    expect(none.sweeps.map(({ bestAlpha }) => bestAlpha)).toEqual([1, 1, 1]);
    expect(none.sweeps[0]!.testLogProbGain).toMatchObject({ value: 0, low: 0, high: 0 });
  });
});

describe("final layer under a LayerNorm", async () => {
  const [width, vocabulary, F, heads] = [8, 12, 10, 2];
  const random = seededRandom("final layer");
  const normal = () => (random() + random() + random() + random() - 2) * 2;
  const vector = (n: number) => Float32Array.from({ length: n }, normal);
  const weights = {
    width,
    vocabulary,
    norm: "layernorm" as const,
    epsilon: 1e-5,
    gain: vector(width).map((x) => 1 + x / 4),
    bias: vector(width),
    unembedding: vector(vocabulary * width),
    output: () => ({ heads: 1, headWidth: 1, values: [] }),
  };
  const model = modelM(F);
  const task = taskOfM(model, F);
  const instruments = referenceInstruments(weights);
  const context = {
    ...task.context,
    model: { ...task.context.model, width, vocabulary, heads, layers: 1 },
    candidates: [...Array(F).keys()],
    facts: task.context.facts.map((fact, f) => ({ ...fact, answerToken: f })),
    instruments,
  };
  const facts = task.facts.map((fact, f) => ({
    ...fact,
    prompts: fact.prompts.map((prompt) => ({ ...prompt, answerToken: f })),
  }));
  const parts = facts.map(() => {
    const [pre, result, bias, mlp] = [vector(width), vector(heads * width), vector(width), vector(width)];
    const attention = bias.map((b, d) => b + result[d]! + result[width + d]!);
    const captures = new Map([
      ["blocks.0.hook_resid_pre", pre],
      ["blocks.0.attn.hook_result", result],
      ["blocks.0.hook_attn_out", attention],
      ["blocks.0.hook_mlp_out", mlp],
    ]) as PassResult["captures"];
    return { pre, result, bias, attention, mlp, captures };
  });
  const measurements = await Promise.all(
    facts.map((fact, f) => finalLayer.measure(fact, [[{ captures: parts[f]!.captures }]], context)),
  );
  const report = await finalLayer.aggregate(measurements, aggregationOf(context, facts));
  const logProb = async (f: number, row: Float32Array) => {
    const read = await instruments.read(instruments.normalise(row), [[f]], 1);
    return read.logit[0]! - read.logSumExp[0]!;
  };

  it("splits every prompt's change exactly, scale included", () => {
    const total = [report.headPart, report.mlpPart, report.scalePart].reduce(
      (sum, { value }) => sum + value!,
      0,
    );
    expect(total).toBeCloseTo(report.logProbChange.value!, 6);
    expect(Math.abs(report.scalePart.value!)).toBeGreaterThan(1e-3);
  });

  it("scales the heads but not the attention's bias", async () => {
    const expected = await Promise.all(
      parts.map(({ pre, bias, mlp }, f) =>
        logProb(
          f,
          pre.map((x, d) => x + bias[d]! + mlp[d]!),
        ),
      ),
    );
    const [none] = report.sweeps.find(({ target }) => target === "HEADS")!.points;
    expect(none!.logProb.value).toBeCloseTo(expected.reduce((a, b) => a + b) / F, 5);
  });

  it("is the model itself at alpha = 1, whatever is scaled", async () => {
    const expected = await Promise.all(
      parts.map(({ pre, attention, mlp }, f) =>
        logProb(
          f,
          pre.map((x, d) => x + attention[d]! + mlp[d]!),
        ),
      ),
    );
    for (const { points } of report.sweeps) {
      expect(points[10]!.logProb.value).toBeCloseTo(expected.reduce((a, b) => a + b) / F, 5);
    }
  });

  it("chooses alpha on train facts and reports it on the others", async () => {
    const train = trainTest({ measured: facts, settings: context.settings });
    expect(train.filter((own) => own)).toHaveLength(F / 2);
    const scaled = (f: number, alpha: number) => {
      const { pre, attention, mlp } = parts[f]!;
      return logProb(
        f,
        pre.map((x, d) => x + attention[d]! + alpha * mlp[d]!),
      );
    };
    const table = await Promise.all(
      Array.from({ length: 16 }, (_, i) => Promise.all(facts.map((_, f) => scaled(f, i / 10)))),
    );
    const mean = (row: number[], side: boolean) =>
      row.reduce((sum, value, f) => sum + (train[f] === side ? value : 0), 0) / (F / 2);
    const best = (side: boolean) => {
      const means = table.map((row) => mean(row, side));
      return means.indexOf(Math.max(...means));
    };
    const { bestAlpha, testLogProbGain } = report.sweeps.find(({ target }) => target === "MLP")!;
    expect(bestAlpha).toBeCloseTo(best(true) / 10, 9);
    expect(best(false), "the data must tell the two halves apart").not.toBe(best(true));
    expect(testLogProbGain.value).toBeCloseTo(mean(table[best(true)]!, false) - mean(table[10]!, false), 4);
    expect(testLogProbGain.n).toBe(F / 2);
  });
});

describe("suppression verdict", () => {
  it.each([
    [-0.4, -0.1, "OBSERVED"],
    [-0.04, -0.01, "OBSERVED"],
    [-0.04, 0.04, "NOT_OBSERVED"],
    [0.1, 0.4, "NOT_OBSERVED"],
    [-0.2, 0.1, "INCONCLUSIVE"],
    [-0.01, 0.3, "INCONCLUSIVE"],
    [null, null, "INCONCLUSIVE"],
  ])("[%s, %s]: %s", (low, high, expected) => {
    expect(suppressionOf({ low, high })).toBe(expected);
  });
});
