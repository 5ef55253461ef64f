import { beforeAll, describe, expect, it } from "vitest";
import { headPatching } from "../../src/analyses/argument-passing/head-patching.ts";
import { finalLayer } from "../../src/analyses/final-layer/final-layer.ts";
import { decomposition } from "../../src/analyses/mlp-activation/decomposition.ts";
import { randomModel } from "./random-model.ts";

const FACTS = 24;
const SEEDS = 40;

const measure = async (seed: number) => {
  const model = await randomModel(seed, FACTS);
  const { report } = await model.analyse(headPatching);
  const { decompositions } = await model.analyse(decomposition);
  const final = await model.analyse(finalLayer);
  await model.close();
  return { movers: report.movers, pairs: report.pairs, decompositions, final };
};

describe("models that know nothing", () => {
  const found: Awaited<ReturnType<typeof measure>>[] = [];
  beforeAll(async () => {
    for (let seed = 0; seed < SEEDS; seed++) found.push(await measure(seed));
  });

  it("are really patched: pairs are used and effects are there", () => {
    expect(Math.min(...found.map(({ pairs }) => pairs))).toBeGreaterThan(0);
    expect(found.filter(({ pairs }) => pairs >= 8).length).toBeGreaterThan(SEEDS / 2);
  });

  it("have a mover in at most 8 of 100 runs", () => {
    expect(found.filter(({ movers }) => movers.length).length / SEEDS).toBeLessThanOrEqual(0.08);
  });

  it("are not explained by head weights on held-out facts", () => {
    const r2 = found.flatMap(({ decompositions }) => decompositions.map(({ r2HeldOut }) => r2HeldOut.mean!));
    const mean = r2.reduce((a, b) => a + b) / r2.length;
    expect(mean).toBeLessThanOrEqual(0.02);
  });

  it("gain nothing on test facts by the alpha that train facts chose", () => {
    const gains = found.flatMap(({ final }) => final.sweeps.map(({ testLogProbGain }) => testLogProbGain));
    const covers = gains.filter(({ low, high }) => low! <= 0 && high! >= 0).length;
    expect(covers / gains.length).toBeGreaterThanOrEqual(0.85);
  });
});
