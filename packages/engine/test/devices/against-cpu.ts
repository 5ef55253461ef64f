import { afterAll, beforeAll, expect, it } from "vitest";
import { GRADIENT_POINTS } from "../../src/gradients/gradient-points.ts";
import { gradients } from "../../src/gradients/gradients.ts";
import { logitDifference } from "../../src/gradients/metric.ts";
import { absence, hookName } from "../../src/hooks/hook-points.ts";
import { seededRandom } from "../../src/math/random.ts";
import { execute } from "../../src/planner/execute.ts";
import { deviceTrial, trialError } from "../../src/runner/device-trial.ts";
import { relativeError } from "../../src/runner/relative-error.ts";
import { selfCheck } from "../../src/runner/self-check.ts";
import type { Precision } from "../../src/session/device.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import { USUAL_MEMORY } from "../../src/session/model-memory.ts";
import type { ModelSession } from "../../src/session/model-session.ts";
import { type Oracle, openOracle } from "../oracles/oracle.ts";
import { randomPlan } from "../support/random-plan.ts";

export interface Limits {
  precision: Precision;
  /** How far values and gradients may be from the CPU's, relative to the largest of a kind; and a metric. */
  values: number;
  gradients: number;
  metric: number;
  /** How far off the farthest is at least: it is another computation, not the CPU's once more. */
  atLeast: number;
}

export const SINGLE: Limits = { precision: "F32", values: 1e-3, gradients: 1e-3, metric: 5e-4, atLeast: 0 };

/** What WebGPU computes of a tiny model against what the CPU does: to be called inside a `describe`. */
export function testAgainstCpu(family: string, cpu: Oracle, limits: Limits = SINGLE): void {
  const { precision, values: tolerance } = limits;
  const { facts } = cpu.session.spec;
  const [clean, corrupted] = [cpu.prompts("clean"), cpu.prompts("corrupted")];
  let session: ModelSession;
  let streamed: ModelSession;
  beforeAll(async () => {
    ({ session } = await openOracle(family, { device: "webgpu", precision }));
    const memory = { ...USUAL_MEMORY, weights: session.weightNeed.least };
    ({ session: streamed } = await openOracle(family, { device: "webgpu", precision, memory }));
  });
  afterAll(() => Promise.all([cpu.session, session, streamed].map((own) => own.close())));

  it("passes the self-check and the trial of devices", async () => {
    const instruments = await openInstruments(session);
    expect(await selfCheck(session, instruments)).toMatchObject({ device: "webgpu", passed: true });
    const expected = await deviceTrial(cpu.session, await openInstruments(cpu.session));
    const { error, at, allowed } = trialError(await deviceTrial(session, instruments), expected, precision);
    expect(error, at).toBeLessThan(allowed);
    expect(error).toBeGreaterThan(limits.atLeast);
  });

  it("gives the same gradients, at every point and layer, with its weights kept or streamed", async () => {
    const points = GRADIENT_POINTS.filter((point) => absence(point, facts) === null);
    const hooks = Array.from({ length: facts.layers }, (_, layer) =>
      points.map((point) => hookName(point, layer)),
    ).flat();
    const asked = clean.map((tokens) => ({ tokens, metric: logitDifference(3, 7) }));
    const expected = await gradients(cpu.session, asked, hooks);
    const actual = await gradients(session, asked, hooks);
    for (const [i, { metric, gradients: own }] of expected.entries()) {
      expect(Math.abs(actual[i]!.metric - metric)).toBeLessThan(limits.metric);
      for (const hook of hooks)
        expect(
          relativeError(actual[i]!.gradients.get(hook)!, own.get(hook)!),
          `${hook} of prompt ${i}`,
        ).toBeLessThan(limits.gradients);
    }
    expect(await gradients(streamed, asked, hooks)).toEqual(actual);
  });

  it("gives the same for random passes, with its weights kept or streamed", async () => {
    const bases = [...clean, ...corrupted];
    const plan = [
      ...bases.map((tokens) => ({ tokens, logits: "last" as const })),
      ...randomPlan(bases, facts, seededRandom(`devices ${family}`), 40),
    ];
    const expected = await execute(cpu.session, plan);
    const actual = await execute(session, plan);
    for (const [i, { captures, logits, queried }] of expected.entries()) {
      const own = actual[i]!;
      if (logits) expect(relativeError(own.logits!, logits), `logits of pass ${i}`).toBeLessThan(tolerance);
      if (queried)
        expect(relativeError(own.queried!, queried), `queried of pass ${i}`).toBeLessThan(tolerance);
      for (const [hook, data] of captures)
        expect(relativeError(own.captures.get(hook)!, data), `${hook} of pass ${i}`).toBeLessThan(tolerance);
    }
    expect(await execute(streamed, plan)).toEqual(actual);
    expect(streamed.weightMemory.peak).toBeLessThanOrEqual(streamed.weightNeed.least);
    expect(session.weightMemory.peak).toBeGreaterThan(streamed.weightNeed.least);
  });
}
