import { afterAll, describe, expect, it } from "vitest";
import { type AttributionPair, attributions, INPUT_HOOK } from "../../src/gradients/attribution.ts";
import { logitDifference } from "../../src/gradients/metric.ts";
import type { Quadrature } from "../../src/gradients/quadrature.ts";
import { type HookName, hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, OUTPUT_NORMED, openOracle } from "../oracles/oracle.ts";
import { buildModelM, openSynthetic } from "../synthetic/model-m-folder.ts";

describe.each(FAMILIES)("attribution of %s", async (family) => {
  const { session, get, prompts } = await openOracle(family);
  const { layers, heads } = session.spec.facts;
  const [answer, wrong] = [get("answer").data, get("wrong").data];
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
  const pairs = clean.map((tokens, b) => ({
    clean: tokens,
    corrupted: corrupted[b]!,
    metric: logitDifference(answer[b]!, wrong[b]!),
  }));
  const [batch, length] = [clean.length, clean[0]!.length];
  const z = Array.from({ length: layers }, (_, layer) => hookName("attn.hook_z", layer));
  afterAll(() => session.close());

  it("gives attribution_patching of Hugging Face autograd for every head, prompt and position", async () => {
    const results = await attributions(session, pairs, z);
    const own = new Float32Array(layers * heads * batch * length);
    for (const [b, { scores }] of results.entries())
      for (const [layer, hook] of z.entries())
        for (let head = 0; head < heads; head++)
          for (let position = 0; position < length; position++)
            own[((layer * heads + head) * batch + b) * length + position] =
              scores.get(hook)![position * heads + head]!;
    const golden = get("attribution_patching");
    expect(golden.shape).toEqual([layers, heads, batch, length]);
    expect(distance(own, golden.data)).toBeLessThan(1e-4);
    expect(Math.max(...golden.data.map(Math.abs))).toBeGreaterThan(1e-3);
  });

  it("integrates the inputs' attributions to the metric's difference, with every rule, closer with more steps", async () => {
    const telling = pairs.map((pair) => ({ ...pair, metric: logitDifference(3, 7) }));
    const errors = async (rule: Quadrature["rule"], steps: number) => {
      const results = await attributions(session, telling, [INPUT_HOOK], { quadrature: { rule, steps } });
      return results.map(({ clean, corrupted, scores }) => ({
        difference: Math.abs(clean - corrupted),
        error: Math.abs(scores.get(INPUT_HOOK)!.reduce((a, b) => a + b, 0) - (clean - corrupted)),
      }));
    };
    const total = (list: { difference: number; error: number }[], key: "difference" | "error") =>
      list.reduce((sum, own) => sum + own[key], 0);
    const kinked = session.spec.block(0).mlp.activation === "relu";
    const fine = await errors("midpoint", kinked ? 1024 : 64);
    expect(total(fine, "difference")).toBeGreaterThan(0.1);
    expect(total(fine, "error")).toBeLessThan((kinked ? 0.01 : 0.003) * total(fine, "difference"));
    // Over the kinks of ReLU errors shrink on the whole, not step by step.
    if (kinked) return;
    for (const rule of ["left", "right"] as const) {
      const [few, many] = [await errors(rule, 16), await errors(rule, 64)];
      expect(total(few, "error"), rule).toBeGreaterThan(2 * total(fine, "error"));
      expect(total(many, "error"), rule).toBeLessThan(0.35 * total(few, "error"));
    }
  });

  it("takes the right rule's one gradient at the clean run, where the roles are swapped", async () => {
    const hooks: HookName[] = [...z, hookName("hook_mlp_out", 0), hookName("hook_attn_out", 1), INPUT_HOOK];
    const right = await attributions(session, pairs, hooks, { quadrature: { rule: "right", steps: 1 } });
    const swapped = await attributions(
      session,
      pairs.map((pair) => ({ ...pair, clean: pair.corrupted, corrupted: pair.clean })),
      hooks,
    );
    for (const [b, { scores }] of right.entries())
      for (const hook of hooks)
        expect(
          distance(
            scores.get(hook)!,
            swapped[b]!.scores.get(hook)!.map((x) => -x),
          ),
          hook,
        ).toBeLessThan(1e-4);
  });

  it("gives the same for pairs that part at different positions, together, alone and with little memory, by every rule", async () => {
    // The oracle's pairs part at position 2: further down, at the last position, and nowhere.
    const parted = [0, 1, 2].map((i) => {
      const { clean, corrupted, metric } = pairs[i % batch]!;
      const from = [length - 2, length - 1, length][i]!;
      const other = corrupted[2] === clean[from] ? clean[2]! : corrupted[2]!;
      return { clean, corrupted: clean.map((token, at) => (at === from ? other : token)), metric };
    });
    const hooks = [...z, INPUT_HOOK, hookName("attn.hook_v", 1), hookName("hook_mlp_out", layers - 1)];
    const several = [...parted, ...pairs];
    for (const quadrature of [
      { rule: "left", steps: 1 },
      { rule: "midpoint", steps: 2 },
    ] as const) {
      const together = await attributions(session, several, hooks, { quadrature });
      const short = await attributions(session, several, hooks, { quadrature, maxMemory: 0 });
      for (const [i, pair] of several.entries()) {
        // Without a shared beginning nothing is taken from the clean run: one more pair that differs from its first token on.
        const whole = { ...pair, corrupted: [pair.clean[0]! === 3 ? 4 : 3, ...pair.corrupted.slice(1)] };
        const [alone] = await attributions(session, [pair, whole], hooks, { quadrature });
        expect(alone!.clean).toBeCloseTo(together[i]!.clean, 4);
        expect(alone!.corrupted).toBeCloseTo(together[i]!.corrupted, 4);
        for (const hook of hooks)
          for (const other of [alone!, short[i]!])
            expect(
              distance(other.scores.get(hook)!, together[i]!.scores.get(hook)!),
              `${i} ${hook}`,
            ).toBeLessThan(2e-5);
      }
      const nowhere = together[2]!;
      for (const hook of hooks)
        expect(
          nowhere.scores.get(hook)!.every((x) => Math.abs(x) < 1e-5),
          hook,
        ).toBe(true);
    }
  });

  it.skipIf(OUTPUT_NORMED.includes(family))(
    "attributes a layer's attention as the sum of its heads, and nothing before the first difference",
    async () => {
      const points = ["hook_attn_out", "hook_resid_pre", "hook_mlp_out"] as const;
      const hooks = z.flatMap((_, layer) => points.map((point) => hookName(point, layer)));
      const [result] = await attributions(session, pairs.slice(0, 1), [...z, ...hooks]);
      for (const [layer, hook] of z.entries()) {
        const perHead = result!.scores.get(hook)!;
        const whole = result!.scores.get(hookName("hook_attn_out", layer))!;
        const summed = whole.map((_, position) =>
          perHead.slice(position * heads, (position + 1) * heads).reduce((a, b) => a + b, 0),
        );
        expect(distance(summed, whole)).toBeLessThan(1e-4);
        for (const name of [hook, ...points.map((point) => hookName(point, layer))]) {
          const own = result!.scores.get(name)!;
          expect(
            own.subarray(0, (2 * own.length) / length).every((x) => x === 0),
            name,
          ).toBe(true);
        }
      }
    },
  );

  it("refuses prompts of unequal length by pair", async () => {
    const bad = [pairs[0]!, { ...pairs[0]!, corrupted: [1, 2] }];
    await expect(attributions(session, bad, z)).rejects.toThrow(/pair 1: \d+ clean and 2 corrupted tokens/);
  });
});

describe("the memory of attributions", async () => {
  const { session, prompts } = await openOracle("llama-gqa-tied");
  const { layers, width, kvHeads, headWidth } = session.spec.facts;
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
  const { length } = clean[0]!;
  const z = Array.from({ length: layers }, (_, layer) => hookName("attn.hook_z", layer));
  afterAll(() => session.close());

  it("counts what the unchanged runs give against its memory, of both where gradients lie between them", async () => {
    // Pairs that differ from their first token on hold no keys; one that parts later does.
    const whole = { clean: clean[0]!, corrupted: corrupted[0]!, metric: logitDifference(3, 7) };
    const differing = { ...whole, corrupted: [whole.clean[0]! === 3 ? 4 : 3, ...whole.corrupted.slice(1)] };
    const [once, twice] = [
      { rule: "left", steps: 1 },
      { rule: "midpoint", steps: 1 },
    ] as const;
    const fitting = async (asked: AttributionPair[], quadrature: Quadrature) => {
      // The least memory in which all go at once.
      let [low, high] = [0, 2 ** 24];
      while (high - low > 64) {
        const maxMemory = Math.floor((low + high) / 2);
        let calls = 0;
        await attributions(session, asked, z, { quadrature, maxMemory, onProgress: () => calls++ });
        if (calls === 1) high = maxMemory;
        else low = maxMemory;
      }
      return high;
    };
    const two = [differing, differing];
    const plain = await fitting(two, once);
    const perPosition = 4 * 2 * length;
    // Where gradients lie between, the second z is a captured run's, not the tape's; three inputs come with them.
    expect(Math.abs((await fitting(two, twice)) - plain - perPosition * 3 * width)).toBeLessThan(128);
    const keys = 2 * (layers + 1) * kvHeads * headWidth;
    expect(Math.abs((await fitting([differing, whole], once)) - plain - perPosition * keys)).toBeLessThan(
      128,
    );
  });
});

describe("where the model is linear", async () => {
  const built = await buildModelM();
  const open = await openSynthetic(built.folder);
  afterAll(() => open.session.close());
  const [clean, corrupted] = [built.prompt(0, 1), built.prompt(0, 3)];
  const metric = logitDifference(built.token.answer(0, 1), built.token.answer(0, 3));
  const hooks = [0, 1].map((layer) => hookName("attn.hook_z", layer));
  const exact = async (): Promise<number[]> => {
    const query = { tokens: metric.map(({ token }) => token) };
    const passes: ForwardPass[] = [{ tokens: clean }, { tokens: corrupted, query }];
    for (const hook of hooks)
      for (let head = 0; head < 3; head++)
        passes.push({
          tokens: corrupted,
          edits: [{ hook, head, position: -1, scale: 0, value: { pass: 0 } }],
          query,
        });
    const lead = (await execute(open.session, passes)).map(({ queried }) =>
      queried ? queried[0]! - queried[1]! : Number.NaN,
    );
    return lead.slice(2).map((value) => value - lead[1]!);
  };

  it("equals exact patching for last-layer heads (a linear path to the metric), whatever the rule", async () => {
    const patched = await exact();
    const pair = [{ clean, corrupted, metric }];
    for (const options of [{}, { quadrature: { rule: "midpoint", steps: 3 } as const }]) {
      const [result] = await attributions(open.session, pair, hooks, options);
      const last = result!.scores.get(hooks[1]!)!.slice(-3);
      expect(distance(last, patched.slice(3))).toBeLessThan(1e-3);
      expect(last[0]).toBeCloseTo(-0.580645 * 6.975, 3);
      expect(last[1]).toBeCloseTo(0.290323 * 6.975, 3);
    }
  });

  it("does not behind the gate: the gradient sees the open gate close, but not the shut one open", async () => {
    const one = [{ token: built.token.answer(0, 1), weight: 1 }];
    const [attribution] = await attributions(open.session, [{ clean, corrupted, metric: one }], hooks);
    expect(attribution!.clean - attribution!.corrupted).toBeCloseTo(3.4875, 3);
    expect(attribution!.scores.get(hooks[0]!)!.at(-3)).toBeCloseTo(0, 4);
  });
});
