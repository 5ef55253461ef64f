import { afterAll, describe, expect, it } from "vitest";
import { readTensor } from "../../src/checkpoints/read-tensor.ts";
import { absence, type BlockPoint, type HookName, hookName } from "../../src/hooks/hook-points.ts";
import { seededRandom } from "../../src/math/random.ts";
import { execute } from "../../src/planner/execute.ts";
import type { Edit, ForwardPass } from "../../src/planner/forward-pass.ts";
import { selfCheck } from "../../src/runner/self-check.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";

/** What follows by algebra in any transformer, whatever the reference says. */
describe.each(FAMILIES)("identities of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads } = facts;
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
  const present = <P extends BlockPoint>(points: readonly P[]): P[] =>
    points.filter((point) => !absence(point, facts));
  const allLayers = Array.from({ length: layers }, (_, layer) => layer);
  const logits = async (passes: ForwardPass[]) => (await execute(session, passes)).map((r) => r.logits!);
  afterAll(() => session.close());

  it("passes its own self-check", async () => {
    const check = await selfCheck(session, await openInstruments(session));
    expect(check.passed).toBe(true);
    expect(Math.max(check.residualSum, check.headSum, check.patternValue, check.lensLogits)).toBeLessThan(
      1e-5,
    );
  });

  it("adds up: pre + attn_out = mid, mid + mlp_out = post = next pre; but where the stream is normed, only the last", async () => {
    const points = [
      "hook_resid_pre",
      "hook_attn_out",
      ...(facts.block === "parallel" ? [] : (["hook_resid_mid"] as const)),
      "hook_mlp_out",
      "hook_resid_post",
    ] as const;
    const adds = facts.postNorm !== "stream";
    const hooks = allLayers.flatMap((layer) => points.map((point) => hookName(point, layer)));
    const [result] = await execute(session, [
      { tokens: clean[0]!, capture: hooks.map((hook) => ({ hook, positions: "all" })) },
    ]);
    const get = (point: (typeof points)[number], layer: number) =>
      result!.captures.get(hookName(point, layer))!;
    const add = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + b[i]!);
    for (const layer of allLayers) {
      let mid: Float32Array = add(get("hook_resid_pre", layer), get("hook_attn_out", layer));
      if (facts.block === "serial") {
        const apart = distance(mid, get("hook_resid_mid", layer));
        if (adds) expect(apart).toBeLessThan(1e-5);
        else expect(apart).toBeGreaterThan(1e-2);
        mid = get("hook_resid_mid", layer);
      }
      const apart = distance(add(mid, get("hook_mlp_out", layer)), get("hook_resid_post", layer));
      if (adds) expect(apart).toBeLessThan(1e-5);
      else expect(apart).toBeGreaterThan(1e-2);
      if (layer > 0)
        expect(distance(get("hook_resid_pre", layer), get("hook_resid_post", layer - 1))).toBe(0);
    }
  });

  it("attends causally with rows that sum to 1", async () => {
    const length = clean[0]!.length;
    const [result] = await execute(session, [
      { tokens: clean[0]!, capture: [{ hook: hookName("attn.hook_pattern", 0), positions: "all" }] },
    ]);
    const pattern = result!.captures.get(hookName("attn.hook_pattern", 0))!;
    for (let row = 0; row < heads * length; row++) {
      const own = pattern.subarray(row * length, (row + 1) * length);
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      expect(own.subarray((row % length) + 1).every((weight) => weight === 0)).toBe(true);
    }
  });

  it("changes nothing when a head, the residual or an MLP is patched with itself or scaled by 1", async () => {
    const hooks = present([
      "attn.hook_z",
      "hook_resid_pre",
      "hook_attn_out",
      "hook_resid_mid",
      "hook_mlp_out",
      "hook_resid_post",
    ]);
    const edits = hooks.flatMap((point): Edit[] => [
      { hook: hookName(point, 1), scale: 0, value: { pass: 0 } },
      { hook: hookName(point, 1), position: -1, scale: 0, value: { pass: 0 } },
      { hook: hookName(point, 1), scale: 1 },
    ]);
    const [base, ...patched] = await logits([
      { tokens: clean[0]!, logits: "last" },
      ...edits.map((edit): ForwardPass => ({ tokens: clean[0]!, edits: [edit], logits: "last" })),
    ]);
    for (const [i, own] of patched.entries())
      expect(distance(own, base!), JSON.stringify(edits[i])).toBeLessThan(1e-5);
  });

  it("becomes the other run when everything is patched", async () => {
    const sources: [string, Edit][] = [
      ["resid_pre of layer 0", { hook: hookName("hook_resid_pre", 0), scale: 0, value: { pass: 1 } }],
      [
        "the last state at the last position",
        { hook: hookName("hook_resid_post", layers - 1), position: -1, scale: 0, value: { pass: 1 } },
      ],
    ];
    for (const [what, edit] of sources) {
      const [, target, patched] = await logits([
        { tokens: clean[0]!, logits: "last" },
        { tokens: corrupted[0]!, logits: "last" },
        { tokens: clean[0]!, edits: [edit], logits: "last" },
      ]);
      expect(distance(patched!, target!), what).toBeLessThan(1e-5);
    }
  });

  it("has no effect of patching positions before the first difference, and none of the last state elsewhere", async () => {
    const idle: Edit[] = allLayers.map((layer) => ({
      hook: hookName("hook_resid_pre", layer),
      position: 1,
      scale: 0,
      value: { pass: 1 },
    }));
    idle.push({ hook: hookName("hook_resid_post", layers - 1), position: 2, scale: 0, value: { pass: 1 } });
    const [base, , ...patched] = await logits([
      { tokens: clean[0]!, logits: "last" },
      { tokens: corrupted[0]!, logits: "last" },
      ...idle.map((edit): ForwardPass => ({ tokens: clean[0]!, edits: [edit], logits: "last" })),
    ]);
    for (const own of patched) expect(distance(own, base!)).toBeLessThan(1e-5);
  });

  it("patches a layer's attention whole or head by head alike, and zero equals scaling by nothing", async () => {
    const z = (head: number): Edit => ({
      hook: hookName("attn.hook_z", 1),
      head,
      position: -1,
      scale: 0,
      value: { pass: 1 },
    });
    const [, , perHead, whole, allHeads] = await logits([
      { tokens: clean[0]!, logits: "last" },
      { tokens: corrupted[0]!, logits: "last" },
      { tokens: clean[0]!, edits: Array.from({ length: heads }, (_, head) => z(head)), logits: "last" },
      {
        tokens: clean[0]!,
        edits: [{ hook: hookName("hook_attn_out", 1), position: -1, scale: 0, value: { pass: 1 } }],
        logits: "last",
      },
      {
        tokens: clean[0]!,
        edits: [{ hook: hookName("attn.hook_z", 1), position: -1, scale: 0, value: { pass: 1 } }],
        logits: "last",
      },
    ]);
    expect(distance(perHead!, whole!)).toBeLessThan(1e-5);
    expect(distance(perHead!, allHeads!)).toBe(0);
  });

  it.skipIf(facts.postNorm === "stream")(
    "leaves only embeddings when every attention and MLP output is set to zero",
    async () => {
      const edits = allLayers.flatMap((layer): Edit[] => [
        { hook: hookName("hook_attn_out", layer), scale: 0 },
        { hook: hookName("hook_mlp_out", layer), scale: 0 },
      ]);
      const hook = hookName("hook_resid_pre", 0);
      const [base, emptied] = await execute(session, [
        { tokens: clean[0]!, capture: [{ hook, positions: "last" }] },
        { tokens: clean[0]!, edits, logits: "last" },
      ]);
      const instruments = await openInstruments(session);
      const all = Array.from({ length: facts.vocabulary }, (_, token) => token);
      const { logit } = await instruments.read(instruments.normalise(base!.captures.get(hook)!), [all], 1);
      expect(distance(emptied!.logits!, logit)).toBeLessThan(1e-5);
    },
  );

  // A norm of the attention's output makes of what one head writes something else.
  it.skipIf(facts.postNorm === "output")(
    "adds a value to a head as adding what it writes to the attention's output",
    async () => {
      const value = Float32Array.from({ length: facts.headWidth }, (_, i) => Math.sin(i + 1));
      const { weight, layout } = session.spec.block(1).out;
      const matrix = await readTensor(session.tensor(weight));
      const written = new Float32Array(facts.width);
      for (let d = 0; d < facts.width; d++) {
        for (let i = 0; i < facts.headWidth; i++) {
          const row = facts.headWidth + i; // head 1
          written[d]! +=
            value[i]! *
            (layout === "in_out"
              ? matrix[row * facts.width + d]!
              : matrix[d * heads * facts.headWidth + row]!);
        }
      }
      const [byHead, byOutput] = await logits([
        {
          tokens: clean[0]!,
          edits: [{ hook: hookName("attn.hook_z", 1), head: 1, position: 3, scale: 1, value }],
          logits: "last",
        },
        {
          tokens: clean[0]!,
          edits: [{ hook: hookName("hook_attn_out", 1), position: 3, scale: 1, value: written }],
          logits: "last",
        },
      ]);
      expect(distance(byHead!, byOutput!)).toBeLessThan(1e-5);
    },
  );

  it("computes random plans as it computes each of their passes alone and in full", async () => {
    const random = seededRandom(`plans ${family}`);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const points = present([
      "attn.hook_z",
      "hook_resid_pre",
      "hook_attn_out",
      "hook_resid_mid",
      "hook_mlp_out",
      "hook_resid_post",
    ]);
    const base: ForwardPass[] = [...clean, ...corrupted].map((tokens) => ({
      tokens: tokens.slice(0, pick([Math.min(5, tokens.length - 1), tokens.length])),
      logits: "last",
    }));
    const plan = [...base];
    for (let i = 0; i < 15; i++) {
      const target = pick(base);
      const edits = Array.from({ length: 1 + Math.floor(random() * 3) }, (): Edit => {
        const point = pick(points);
        const value = pick([undefined, { pass: Math.floor(random() * base.length) }]);
        return {
          hook: hookName(point, pick(allLayers)),
          ...(point === "attn.hook_z" && random() < 0.7 && { head: Math.floor(random() * heads) }),
          position: pick([-1, -2, 2]),
          scale: pick([0, 0.5, 1]),
          ...(value && { value }),
        };
      });
      const capture: HookName = hookName(
        pick(
          present([
            "hook_resid_mid",
            "attn.hook_result",
            "attn.hook_pattern",
            "mlp.hook_post",
            "attn.hook_k",
          ]),
        ),
        pick(allLayers),
      );
      plan.push({
        tokens: target.tokens,
        edits,
        logits: "last",
        query: { tokens: [3, 7, 11] },
        capture: [{ hook: capture, positions: "last" }],
      });
    }
    const together = await execute(session, plan);
    for (const [i, pass] of plan.entries()) {
      if (!pass.edits) continue;
      // Alone, and with something captured everywhere, a pass is computed from its first position on without its base's keys and values.
      const everywhere = { hook: hookName("hook_resid_post", 0), positions: "all" as const };
      const alone = await execute(session, [...base, { ...pass, capture: [...pass.capture!, everywhere] }]);
      const own = alone.at(-1)!;
      expect(distance(together[i]!.logits!, own.logits!), `logits of pass ${i}`).toBeLessThan(1e-4);
      expect(
        distance(
          together[i]!.queried!,
          [3, 7, 11].map((token) => together[i]!.logits![token]!),
        ),
      ).toBeLessThan(1e-4);
      const hook = pass.capture![0]!.hook;
      expect(distance(together[i]!.captures.get(hook)!, own.captures.get(hook)!), hook).toBeLessThan(1e-4);
    }
  });
});
