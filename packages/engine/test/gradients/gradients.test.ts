import { afterAll, describe, expect, it, vi } from "vitest";
import { GRADIENT_POINTS, type GradientPoint } from "../../src/gradients/gradient-points.ts";
import { type GradientPrompt, gradients } from "../../src/gradients/gradients.ts";
import { logitDifference } from "../../src/gradients/metric.ts";
import { absence, type HookName, hookName } from "../../src/hooks/hook-points.ts";
import { seededRandom } from "../../src/math/random.ts";
import { execute } from "../../src/planner/execute.ts";
import type { Edit, ForwardPass } from "../../src/planner/forward-pass.ts";
import { scoreForm } from "../../src/session/model-session.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle, oracleFolder } from "../oracles/oracle.ts";
import { type ReferencePass, ReferenceTransformer } from "../support/reference-transformer.ts";
import { attentionOf } from "./attention-reference.ts";

const inFloat32 = (pass: ReferencePass): ForwardPass =>
  ({
    ...pass,
    edits: pass.edits!.map((edit) => ({ ...edit, value: Float32Array.from(edit.value as Float64Array) })),
  }) as ForwardPass;

describe.each(FAMILIES)("gradients of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers } = facts;
  const points = GRADIENT_POINTS.filter((point) => absence(point, facts) === null);
  const random = seededRandom(`gradients ${family}`);
  // The oracles' own answers are drawn at random and sometimes coincide.
  const [answer, wrong] = [3, 7];
  const clean = prompts("clean");
  const all = (points: readonly GradientPoint[]): HookName[] =>
    Array.from({ length: layers }, (_, layer) => points.map((point) => hookName(point, layer))).flat();
  const prompt = (b: number): GradientPrompt => ({
    tokens: clean[b]!,
    metric: logitDifference(answer, wrong),
  });
  const metricOf = async (passes: readonly ForwardPass[]): Promise<number[]> => {
    const query = { tokens: [answer, wrong] };
    const results = await execute(
      session,
      passes.map((pass) => ({ ...pass, query })),
    );
    return results.map(({ queried }) => queried![0]! - queried![1]!);
  };
  const referenceMetrics = async (passes: readonly ReferencePass[]): Promise<number[]> => {
    const reference = await ReferenceTransformer.open(oracleFolder(family));
    return passes.map((pass) => {
      const last = reference.run([pass])[0]!.logits.slice(-facts.vocabulary);
      return last[answer]! - last[wrong]!;
    });
  };
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const length = (x: Float32Array) => Math.sqrt(dot(x, x));
  const randomUnit = (size: number): Float32Array => {
    const raw = Float32Array.from({ length: size }, () => random() - 0.5);
    return raw.map((x) => x / length(raw));
  };
  afterAll(() => session.close());

  it("differentiates the metric that the model computes", async () => {
    const [result] = await gradients(session, [prompt(0)], [hookName("hook_resid_post", layers - 1)]);
    const [expected] = await metricOf([{ tokens: clean[0]! }]);
    expect(Math.abs(result!.metric - expected!)).toBeLessThan(1e-4);
    const gradient = result!.gradients.get(hookName("hook_resid_post", layers - 1))!;
    expect(gradient.subarray(0, -facts.width).every((value) => value === 0)).toBe(true);
    expect(gradient.subarray(-facts.width).some((value) => value !== 0)).toBe(true);
  });

  it("agrees with central differences at every editable hook, layer and position", async () => {
    const editable = all(points.filter((point) => !/hook_[qkv]$/.test(point)));
    const [result] = await gradients(session, [prompt(0)], editable);
    const tokens = clean[0]!;
    // Of the activation's length. Too long a step bends or passes a kink, too short a one drowns in float32: the best one counts.
    // ReLU has kinks wherever one looks: there the differences are of a float64 transformer, and their steps tiny.
    const kinked = session.spec.block(0).mlp.activation === "relu";
    const steps = kinked ? [1e-6] : [0.03, 0.01, 0.003, 0.001];
    const cases: { hook: HookName; position: number; slope: number; largest: number; sizes: number[] }[] = [];
    const passes: ReferencePass[] = [];
    for (const hook of editable) {
      const gradient = result!.gradients.get(hook)!;
      const width = gradient.length / tokens.length;
      const row = (data: Float32Array, position: number) =>
        data.subarray(position * width, (position + 1) * width);
      for (let position = 0; position < tokens.length; position++) {
        const direction = randomUnit(width);
        const own = row(gradient, position);
        const sizes = steps.map((step) => step * length(row(result!.activations.get(hook)!, position)));
        cases.push({ hook, position, slope: dot(own, direction), largest: length(own), sizes });
        for (const eps of sizes) {
          for (const sign of [1, -1]) {
            const value = Float64Array.from(direction, (x) => sign * eps * x);
            passes.push({ tokens, edits: [{ hook, position, scale: 1, value }] });
          }
        }
      }
    }
    const metrics = await (kinked ? referenceMetrics(passes) : metricOf(passes.map(inFloat32)));
    expect(Math.max(...cases.map(({ slope }) => Math.abs(slope)))).toBeGreaterThan(0.1);
    for (const [i, { hook, position, slope, largest, sizes }] of cases.entries()) {
      const at = 2 * steps.length * i;
      const errors = sizes.map((eps, s) =>
        Math.abs((metrics[at + 2 * s]! - metrics[at + 2 * s + 1]!) / (2 * eps) - slope),
      );
      // 2e-6: a few times what float32 leaves of a difference of two metrics.
      const tolerance = 5e-4 * largest + (kinked ? 1e-5 : 2e-6 / sizes[0]!);
      expect(Math.min(...errors), `${hook} at ${position}: ${slope}`).toBeLessThan(tolerance);
    }
  });

  it("agrees with central differences at q, k and v, whose heads share keys and whose rotation is undone", async () => {
    const points = ["attn.hook_q", "attn.hook_k", "attn.hook_v"] as const;
    const hooks = all([...points, "attn.hook_z"]);
    const [result] = await gradients(session, [prompt(0)], hooks);
    const tokens = clean[0]!;
    const eps = 0.02;
    for (let layer = 0; layer < layers; layer++) {
      const value = (point: (typeof points)[number]) => result!.activations.get(hookName(point, layer))!;
      const state = { q: value("attn.hook_q"), k: value("attn.hook_k"), v: value("attn.hook_v") };
      expect(
        distance(
          attentionOf(state, tokens.length, facts, scoreForm(session.spec, layer)),
          result!.activations.get(hookName("attn.hook_z", layer))!,
        ),
      ).toBeLessThan(1e-5);
      for (const [key, point] of [
        ["q", points[0]],
        ["k", points[1]],
        ["v", points[2]],
      ] as const) {
        const direction = randomUnit(state[key].length);
        const slope = dot(result!.gradients.get(hookName(point, layer))!, direction);
        const passes = [1, -1].map((sign): ForwardPass => {
          const moved = { ...state, [key]: state[key].map((x, i) => x + sign * eps * direction[i]!) };
          const z = attentionOf(moved, tokens.length, facts, scoreForm(session.spec, layer));
          const width = z.length / tokens.length;
          const edits = tokens.map(
            (_, position): Edit => ({
              hook: hookName("attn.hook_z", layer),
              position,
              scale: 0,
              value: z.slice(position * width, (position + 1) * width),
            }),
          );
          return { tokens, edits };
        });
        const [up, down] = await metricOf(passes);
        const measured = (up! - down!) / (2 * eps);
        const scale = length(result!.gradients.get(hookName(point, layer))!);
        expect(Math.abs(measured - slope), `${point} of layer ${layer}: ${slope}`).toBeLessThan(
          1e-4 + 1e-2 * scale,
        );
      }
    }
  });

  it("gives the same for prompts together, of several lengths, in another order, and of upper layers alone", async () => {
    const hooks = all(["attn.hook_z", "hook_mlp_out"]);
    const several = [
      prompt(0),
      { ...prompt(1), tokens: clean[1]!.slice(0, 4) },
      prompt(1),
      { ...prompt(0), metric: [{ token: 5, weight: 0.5 }] },
    ];
    const together = await gradients(session, several, hooks);
    for (const [i, own] of several.entries()) {
      const [alone] = await gradients(session, [own], hooks);
      expect(together[i]!.metric).toBeCloseTo(alone!.metric, 4);
      for (const hook of hooks)
        expect(distance(together[i]!.gradients.get(hook)!, alone!.gradients.get(hook)!), hook).toBeLessThan(
          1e-5,
        );
    }
    const last = hookName("attn.hook_z", layers - 1);
    const [upper] = await gradients(session, [prompt(0)], [last]);
    expect(distance(upper!.gradients.get(last)!, together[0]!.gradients.get(last)!)).toBeLessThan(1e-5);
  });

  it("gives the last of many prompts the same as alone: calls are cut into chunks", async () => {
    const tokens = Array.from({ length: Math.min(32, facts.positions) }, () =>
      Math.floor(random() * facts.vocabulary),
    );
    // More than 2 ^ 22 numbers of attention pattern, and than 1024 rows.
    const count = Math.ceil(2 ** 22 / (facts.heads * tokens.length ** 2)) + 1;
    const many = Array.from({ length: count }, (_, i) => ({
      ...prompt(0),
      tokens: tokens.map((token, at) => (at === 3 ? i % facts.vocabulary : token)),
    }));
    const hooks = [hookName("attn.hook_q", layers - 1), hookName("hook_resid_pre", layers - 1)];
    const together = (await gradients(session, many, hooks)).at(-1)!;
    const [alone] = await gradients(session, many.slice(-1), hooks);
    for (const hook of hooks)
      expect(distance(together.gradients.get(hook)!, alone!.gradients.get(hook)!), hook).toBeLessThan(1e-5);
  });

  it("gives the same where memory is short and the MLPs' hidden values are computed again", async () => {
    const hooks = all(points);
    const several = [prompt(0), prompt(1)];
    const kept = await gradients(session, several, hooks);
    const built = vi.spyOn(session, "runGraph");
    const again = await gradients(session, several, hooks, { maxMemory: 0 });
    const inputs = built.mock.calls.filter(([key]) => key.startsWith("mlp-input ")).length;
    built.mockRestore();
    // One prompt at a time; every layer's forward once and once more on the way back.
    expect(inputs).toBe(2 * 2 * layers);
    for (const [i, { metric, gradients: own }] of again.entries()) {
      expect(metric).toBeCloseTo(kept[i]!.metric, 5);
      for (const hook of hooks)
        expect(distance(own.get(hook)!, kept[i]!.gradients.get(hook)!), hook).toBeLessThan(1e-5);
    }
  });

  it("takes embeddings in place of the tokens'", async () => {
    const hook = hookName("hook_resid_pre", 0);
    const hooks = [hook, hookName("attn.hook_z", 0)];
    const [own, other] = await gradients(session, [prompt(0), prompt(1)], hooks);
    const [moved] = await gradients(
      session,
      [{ ...prompt(0), tokens: clean[1]!, embeddings: own!.activations.get(hook)! }],
      hooks,
    );
    expect(moved!.metric).toBeCloseTo(own!.metric, 4);
    for (const name of hooks) {
      expect(distance(moved!.gradients.get(name)!, own!.gradients.get(name)!)).toBeLessThan(1e-5);
      expect(distance(moved!.gradients.get(name)!, other!.gradients.get(name)!)).toBeGreaterThan(1e-4);
    }
  });
});

describe("refusals", async () => {
  const { session } = await openOracle("gpt2");
  afterAll(() => session.close());
  const metric = logitDifference(1, 2);
  const hook = hookName("attn.hook_z", 0);

  it("names the prompt, or the hook and what is allowed", async () => {
    const ask = (prompt: Partial<GradientPrompt>, hooks: HookName[] = [hook]) =>
      gradients(
        session,
        [
          { tokens: [1, 2], metric },
          { tokens: [1, 2], metric, ...prompt },
        ],
        hooks,
      );
    await expect(ask({ tokens: [1, 99_999] })).rejects.toThrow(/token of pass 1 at position 1: 99999/);
    await expect(ask({ metric: [] })).rejects.toThrow(/metric of pass 1: no terms/);
    await expect(ask({ metric: logitDifference(1, -1) })).rejects.toThrow(/metric token of pass 1: -1/);
    await expect(ask({ metric: [{ token: 1, weight: Number.NaN }] })).rejects.toThrow(
      /metric weight of pass 1/,
    );
    await expect(ask({ embeddings: new Float32Array(3) })).rejects.toThrow(/embeddings of pass 1: 3 numbers/);
    await expect(ask({}, ["hook_embed"])).rejects.toThrow(
      /gradient at hook_embed: .*blocks\.\{l\}\.attn\.hook_z/,
    );
    await expect(ask({}, [hookName("attn.hook_z", 77)])).rejects.toThrow(/gradient at blocks\.77/);
  });

  it("stops when cancelled", async () => {
    const controller = new AbortController();
    const running = gradients(session, [{ tokens: [1, 2, 3], metric }], [hook], {
      signal: controller.signal,
    });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
