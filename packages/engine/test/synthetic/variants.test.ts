import { describe, expect, it } from "vitest";
import { hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { Edit } from "../../src/planner/forward-pass.ts";
import type { RunReport } from "../../src/results/report.ts";
import { buildModelM, openSynthetic, runSynthetic, type SyntheticModel } from "./model-m-folder.ts";
import {
  buildF9,
  buildS2,
  buildS3,
  GATES,
  idleAfter,
  idleBefore,
  permuteHeads,
  S3_WEIGHTS,
} from "./variants.ts";

const zero = (layer: number, head: number, scale = 0): Edit => ({
  hook: hookName("attn.hook_z", layer),
  head,
  position: -1,
  scale,
});
/** Logits of the given tokens at the last position of prompt (0, 0), one row per list of edits. */
async function logits(model: SyntheticModel, edits: readonly Edit[][], tokens: readonly number[]) {
  const open = await openSynthetic(model.folder);
  const results = await execute(
    open.session,
    edits.map((own) => ({ tokens: model.prompt(0, 0), edits: own, query: { tokens } })),
  );
  await open.session.close();
  return results.map(({ queried }) => [...queried!]);
}
const effects = (report: RunReport) =>
  Object.fromEntries(report.argumentPassing.heads.map(({ label, effect }) => [label, effect.value!]));
const near = (actual: number | null | undefined, expected: number) =>
  expect(Math.abs(actual! - expected), `${actual} (expected ${expected})`).toBeLessThan(1e-4);

describe("S2: a mover split in two heads", () => {
  const expected = { AND: [1, 1, -1, 4.5], SUM: [0.5, 0.5, 0, 9], BACKUP: [0, 0, 1, 4.5] } as const;

  it.each(GATES)("%s: single effects do not tell the joint one", async (gate) => {
    const model = await buildS2(gate);
    const [a, b] = [zero(0, 0), zero(0, 1)];
    const rows = await logits(model, [[], [a], [b], [a, b]], [model.token.answer(0, 0)]);
    const [clean, first, second, both] = rows.map(([y]) => y!) as [number, number, number, number];
    const [one, two, interaction, height] = expected[gate];
    near(clean, height * 0.775);
    near(both, 0);
    near((clean - first) / (clean - both), one);
    near((clean - second) / (clean - both), two);
    near(1 - (clean - first) / (clean - both) - (clean - second) / (clean - both), interaction);
  });

  it("is known, so that runs on it have movers to look at", async () => {
    for (const gate of GATES) {
      const report = await runSynthetic(await buildS2(gate, { facts: 8 }));
      expect(report.task.factsKnown, gate).toBe(8);
    }
  });
});

describe("S3: an MLP that is a weighted sum of its heads", async () => {
  const model = await buildS3();
  const report = await runSynthetic(model);
  const fit = report.mlpActivation.decompositions.find((d) => d.layer === 0 && d.regressors === "R1")!;

  it("gives back the weights and the intercept, and predicts facts it has not seen", () => {
    for (const [k, weight] of S3_WEIGHTS.entries()) near(fit.weights[k]!.weight, weight);
    expect(fit).toMatchObject({ rank: 4, lambda: null });
    expect(fit.r2Within).toBeGreaterThan(1 - 1e-6);
    expect(fit.r2HeldOut.mean).toBeGreaterThan(1 - 1e-6);
    near(fit.interceptNorm, Math.sqrt(2 * model.intercept.reduce((sum, b) => sum + b * b, 0)));
    expect([fit.weights[0]!.verdict, fit.weights[3]!.verdict]).toEqual(["amplified", "damped"]);
  });

  it("writes what the construction says: an erased head leaves nothing", async () => {
    const open = await openSynthetic(model.folder);
    const [result] = await execute(open.session, [
      {
        tokens: model.prompt(0, 3),
        capture: ["attn.hook_result", "hook_mlp_out", "hook_resid_post"].map((point) => ({
          hook: hookName(point as "hook_mlp_out", 0),
          positions: "last" as const,
        })),
      },
    ]);
    await open.session.close();
    const heads = result!.captures.get(hookName("attn.hook_result", 0))!;
    const mlp = result!.captures.get(hookName("hook_mlp_out", 0))!;
    const width = mlp.length;
    for (const [k, weight] of S3_WEIGHTS.entries()) {
      const own = heads.subarray(k * width, (k + 1) * width);
      const at = own.findIndex((value) => Math.abs(value) > 1e-3);
      near(own[at], 0.9 * model.gains[k]![3]!);
      near(mlp[at], weight * own[at]!);
    }
  });
});

describe("F9: a last head that writes against the answer", async () => {
  const [scales, k] = [[0, 0.5, 1, 1.5, 2], 2];
  const leads = async (model: SyntheticModel) => {
    const tokens = [model.token.answer(0, 0), model.token.answer(0, 1)];
    const rows = await logits(model, [[], ...scales.map((s) => [zero(1, 0, s)])], tokens);
    return rows.map(([answer, other]) => answer! - other!);
  };
  const stable = await buildF9({ k });
  const small = await buildF9({ k, ballast: 2 });

  it("moves the answer's lead in a line while the final scale is constant", async () => {
    const [clean, ...scaled] = await leads(stable);
    near(clean, 4.5 - k);
    for (const [i, s] of scales.entries()) near(scaled[i], 4.5 - k * s);
  });

  it("does not where the final scale follows: frozen attribution is then no slope", async () => {
    const [clean, ...scaled] = await leads(small);
    expect(scaled[2]).toBeCloseTo(clean!, 5);
    const slopes = scaled.slice(1).map((lead, i) => (lead - scaled[i]!) / 0.5);
    const report = await runSynthetic(small);
    const frozen =
      report.finalLayer.heads[0]!.dlaAnswer.value! - report.finalLayer.heads[0]!.dlaCandidates.value!;
    expect(frozen).toBeLessThan(-0.1);
    // In steps of 0.5 around s = 1 the lead changes by much less than what the frozen norm gives to the head.
    expect(slopes[1]! / frozen).toBeLessThan(0.9);
    expect(Math.max(...slopes) - Math.min(...slopes)).toBeGreaterThan(0.01);
    expect(Math.abs(report.finalLayer.scalePart.value!)).toBeGreaterThan(0.01);
  });

  it("loses probability with every step of alpha, and has it all back at 0", async () => {
    const report = await runSynthetic(stable);
    const { points, bestAlpha } = report.finalLayer.sweeps.find(({ target }) => target === "HEADS")!;
    const p = points.map(({ probability }) => probability.value!);
    for (let i = 1; i < p.length; i++) expect(p[i]).toBeLessThan(p[i - 1]!);
    expect(bestAlpha).toBe(0);
    near(points[10]!.probability.value, report.prediction.probability.value!);
    expect(report.finalLayer).toMatchObject({ suppression: "OBSERVED" });
    expect(report.finalLayer.heads.map(({ suppressor }) => suppressor)).toEqual([true, false]);
  });
});

describe("S9: the same model in another shape", async () => {
  const facts = 8;
  const plain = await runSynthetic(await buildModelM({ facts }));

  it("keeps every number when idle layers come before: depth is not an effect", async () => {
    const moved = await runSynthetic(await buildModelM({ facts, change: idleBefore }));
    const [before, after] = [effects(plain), effects(moved)];
    for (const [from, to] of [
      ["L0H0", "L1H0"],
      ["L0H1", "L1H1"],
      ["L1H0", "L3H0"],
      ["L1H1", "L3H1"],
    ] as const)
      near(after[to], before[from]!);
    for (const label of ["L0H0", "L0H1", "L2H0", "L2H2"]) near(after[label], 0);
    expect(moved.argumentPassing.movers).toEqual(["L1H0", "L3H1"]);
    near(moved.finalLayer.logProbChange.value, plain.finalLayer.logProbChange.value!);
    near(moved.finalLayer.headPart.value, plain.finalLayer.headPart.value!);
    near(moved.finalLayer.heads[0]!.dlaAnswer.value, plain.finalLayer.heads[0]!.dlaAnswer.value!);
    expect(moved.mlpActivation.headlineLayer).toBe(1);
  });

  it("has nothing to suppress when the last layer is idle: by design the last layer is judged, not the last writer", async () => {
    const moved = await runSynthetic(await buildModelM({ facts, change: idleAfter }));
    expect(moved.finalLayer.logProbChange.value).toBe(0);
    expect(moved.finalLayer.suppression).toBe("NOT_OBSERVED");
    expect(moved.argumentPassing.movers).toEqual(["L0H0", "L2H1"]);
    near(effects(moved).L2H0, effects(plain).L1H0!);
  });

  it("permutes effects with the heads, and changes nothing else", async () => {
    const order = [2, 0, 1];
    const moved = await runSynthetic(await buildModelM({ facts, change: permuteHeads(order) }));
    const [before, after] = [effects(plain), effects(moved)];
    for (const layer of [0, 1])
      for (const [place, old] of order.entries())
        near(after[`L${layer}H${place}`], before[`L${layer}H${old}`]!);
    near(moved.prediction.probability.value, plain.prediction.probability.value!);
    near(moved.finalLayer.logProbChange.value, plain.finalLayer.logProbChange.value!);
  });
});
