import { afterAll, describe, expect, it } from "vitest";
import { absence, type BlockPoint, hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { Edit, ForwardPass } from "../../src/planner/forward-pass.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";

/** Path patching as edits: what a sender's change does to the receivers that read it, and to nobody else. */
describe.each(FAMILIES)("path patching in %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads, width } = facts;
  const [clean, corrupted] = [prompts("clean")[0]!, prompts("corrupted")[0]!];
  const last = hookName("hook_resid_post", layers - 1);
  const logits = async (passes: ForwardPass[]) => (await execute(session, passes)).map((r) => r.logits!);
  const later = (layer: number) => Array.from({ length: layers - layer - 1 }, (_, i) => layer + 1 + i);
  afterAll(() => session.close());

  const rowAt = (rows: Float32Array, position: number, head = 0, count = 1) => {
    const at = ((position < 0 ? position + clean.length : position) * count + head) * width;
    return rows.subarray(at, at + width);
  };
  /**
   * What head `head` of `layer` writes differently in the corrupted run; where a norm of the attention's output makes of that something that depends on
   * the other heads, what the attention writes differently when this head's z is the corrupted run's.
   */
  const change = async (layer: number, head: number, position: number): Promise<Float32Array> => {
    const point = facts.postNorm === "output" ? "hook_attn_out" : "attn.hook_result";
    const capture = [{ hook: hookName(point, layer), positions: "all" as const }];
    const [a, whole, one] = (
      await execute(session, [
        { tokens: clean, capture },
        { tokens: corrupted, capture },
        { tokens: clean, edits: [patchZ(layer, head, position)], capture },
      ])
    ).map(({ captures }) => captures.get(capture[0]!.hook)!);
    const [before, after] =
      point === "hook_attn_out"
        ? [rowAt(a!, position), rowAt(one!, position)]
        : [rowAt(a!, position, head, heads), rowAt(whole!, position, head, heads)];
    return after.map((value, i) => value - before[i]!);
  };
  /** The head whose z at a position the corrupted run changes most. */
  const mostChanged = async (layer: number, position: number): Promise<number> => {
    const capture = [{ hook: hookName("attn.hook_z", layer), positions: "all" as const }];
    const [a, b] = (
      await execute(session, [
        { tokens: clean, capture },
        { tokens: corrupted, capture },
      ])
    ).map(({ captures }) => {
      const rows = captures.get(capture[0]!.hook)!;
      const perRow = rows.length / clean.length;
      const at = (position < 0 ? position + clean.length : position) * perRow;
      return rows.subarray(at, at + perRow);
    });
    const size = a!.length / heads;
    const apart = Array.from({ length: heads }, (_, head) =>
      distance(a!.subarray(head * size, (head + 1) * size), b!.subarray(head * size, (head + 1) * size)),
    );
    return apart.indexOf(Math.max(...apart));
  };
  const patchZ = (layer: number, head: number, position: number): Edit => ({
    hook: hookName("attn.hook_z", layer),
    head,
    position,
    scale: 0,
    value: { pass: 1 },
  });
  const readers = ["hook_q_input", "hook_k_input", "hook_v_input"] as const;
  const receive = (point: BlockPoint, layer: number, position: number, value: Float32Array): Edit => ({
    hook: hookName(point, layer),
    position,
    scale: 1,
    value,
  });
  const perHead = (point: (typeof readers)[number], layer: number, position: number, value: Float32Array) => {
    const count = point === "hook_q_input" ? heads : session.spec.facts.kvHeads;
    return Array.from({ length: count }, (_, head) => ({ ...receive(point, layer, position, value), head }));
  };
  const sources: ForwardPass[] = [
    { tokens: clean, logits: "last" },
    { tokens: corrupted, logits: "last" },
  ];

  // A norm of the stream makes of a change added to it something else.
  it.skipIf(facts.postNorm === "stream").each([-1, 2])(
    "to all receivers is activation patching of the sender (position %i)",
    async (position) => {
      for (let layer = 0; layer < layers; layer++) {
        const head = await mostChanged(layer, position);
        const delta = await change(layer, head, position);
        const readingMlps = facts.block === "parallel" ? later(layer) : [layer, ...later(layer)];
        const mlps = readingMlps.map((l) => receive("hook_mlp_in", l, position, delta));
        const inputs = later(layer).flatMap((l) =>
          readers.flatMap((point) => perHead(point, l, position, delta)),
        );
        const everyone = [...mlps, ...inputs, receive("hook_resid_post", layers - 1, position, delta)];
        const [base, , patched, received, mlpsAlone] = await logits([
          ...sources,
          { tokens: clean, edits: [patchZ(layer, head, position)], logits: "last" },
          { tokens: clean, edits: everyone, logits: "last" },
          {
            tokens: clean,
            edits: everyone.filter(({ hook }) => !hook.endsWith("_input")),
            logits: "last",
          },
        ]);
        expect(distance(received!, patched!), `L${layer}H${head}`).toBeLessThan(1e-5);
        // Before the last position the last layer's own writing is not read any more: nothing to compare there.
        if (position !== -1 && layer === layers - 1) continue;
        expect(distance(patched!, base!)).toBeGreaterThan(1e-5);
        if (layer < layers - 1) expect(distance(mlpsAlone!, patched!)).toBeGreaterThan(1e-5);
      }
    },
  );

  it("takes one value for all heads of an input, as numbers per head too", async () => {
    const position = 2;
    const delta = await change(0, 1, position);
    for (const point of readers) {
      const own = perHead(point, 1, position, delta);
      const stacked = Float32Array.from({ length: own.length * width }, (_, i) => delta[i % width]!);
      const [one, all] = await logits([
        { tokens: clean, edits: own, logits: "last" },
        { tokens: clean, edits: [receive(point, 1, position, stacked)], logits: "last" },
      ]);
      expect(distance(one!, all!), point).toBe(0);
    }
  });

  it("gives heads of one position their own row where only the scale of their edits differs", async () => {
    const hook = hookName("attn.hook_q", 1);
    const value = Float32Array.from({ length: width }, (_, i) => Math.cos(i));
    const edits = [0.5, 2, 0.5]
      .slice(0, heads)
      .map((scale, head): Edit => ({ hook: hookName("hook_q_input", 1), head, position: -1, scale, value }));
    const capture = [{ hook, positions: "last" as const }];
    const [together, ...alone] = (
      await execute(
        session,
        [edits, ...edits.map((edit) => [edit])].map((own) => ({ tokens: clean, edits: own, capture })),
      )
    ).map(({ captures }) => captures.get(hook)!);
    const size = together!.length / heads;
    for (const [head, own] of alone.entries()) {
      const [from, to] = [head * size, (head + 1) * size];
      expect(distance(together!.subarray(from, to), own.subarray(from, to)), `head ${head}`).toBeLessThan(
        1e-5,
      );
    }
    expect(distance(alone[0]!.subarray(0, size), alone[1]!.subarray(0, size))).toBeGreaterThan(1e-3);
  });

  it.skipIf(facts.postNorm === "stream")(
    "to the final residual is the direct effect: the last norm over the final state plus the change",
    async () => {
      const instruments = await openInstruments(session);
      const vocabulary = Array.from({ length: session.spec.facts.vocabulary }, (_, token) => token);
      for (let layer = 0; layer < layers; layer++) {
        const delta = await change(layer, 1, -1);
        const frozen: Edit[] = [
          { hook: hookName("hook_mlp_out", layer), position: -1, scale: 0, value: { pass: 0 } },
          ...later(layer).flatMap((l): Edit[] => [
            { hook: hookName("hook_attn_out", l), position: -1, scale: 0, value: { pass: 0 } },
            { hook: hookName("hook_mlp_out", l), position: -1, scale: 0, value: { pass: 0 } },
          ]),
        ];
        const [base, , direct, allElseFrozen] = await execute(session, [
          { ...sources[0]!, capture: [{ hook: last, positions: "last" }] },
          sources[1]!,
          { tokens: clean, edits: [receive("hook_resid_post", layers - 1, -1, delta)], logits: "last" },
          { tokens: clean, edits: [patchZ(layer, 1, -1), ...frozen], logits: "last" },
        ]);
        const final = base!.captures.get(last)!.map((value, i) => value + delta[i]!);
        const { logit } = await instruments.read(instruments.normalise(final), [vocabulary], 1);
        expect(distance(direct!.logits!, logit)).toBeLessThan(1e-5);
        expect(distance(allElseFrozen!.logits!, logit)).toBeLessThan(1e-5);
      }
    },
  );

  it("never reaches receivers of the same or an earlier layer, but a serial block's MLP", async () => {
    const [layer, position] = [1, 2];
    const after = facts.block === "parallel" ? "hook_resid_post" : "hook_resid_mid";
    const points = [
      ["hook_resid_pre", 0],
      [after, 0],
      ["hook_resid_pre", layer],
      [after, layer],
    ] as const;
    const capture = points.map(([point, l]) => ({ hook: hookName(point, l), positions: "all" as const }));
    const [base, , patched] = await execute(session, [
      { tokens: clean, capture },
      { tokens: corrupted },
      { tokens: clean, edits: [patchZ(layer, 1, position)], capture },
    ]);
    const apart = ([point, l]: (typeof points)[number]) =>
      distance(patched!.captures.get(hookName(point, l))!, base!.captures.get(hookName(point, l))!);
    for (const point of points.slice(0, 3)) expect(apart(point), point.join()).toBe(0);
    const delta = await change(layer, 1, position);
    // A parallel block's MLP does not read it either, and a norm of the stream changes what arrives.
    if (facts.postNorm === "stream") expect(apart(points[3]!)).toBeGreaterThan(1e-3);
    else expect(apart(points[3]!)).toBeCloseTo(Math.max(...delta.map(Math.abs)), 5);
  });

  it("with the sender's own clean value changes nothing, whatever the receiver", async () => {
    const points = [...readers, "attn.hook_q", "attn.hook_k", "attn.hook_v", "hook_mlp_in"] as const;
    const edits = Array.from({ length: layers }, (_, layer) =>
      points.flatMap((point): Edit[] => {
        const hook = hookName(point, layer);
        return [
          { hook, scale: 0, value: { pass: 0 } },
          { hook, position: clean.length - 2, scale: 0, value: { pass: 0 } },
          { hook, position: -1, scale: 0, value: { pass: 0, position: -1 } },
          { hook, scale: 1 },
        ];
      }),
    ).flat();
    const [base, ...same] = await logits([
      sources[0]!,
      ...edits.map((edit): ForwardPass => ({ tokens: clean, edits: [edit], logits: "last" })),
    ]);
    for (const [i, own] of same.entries())
      expect(distance(own, base!), JSON.stringify(edits[i])).toBeLessThan(1e-5);
  });

  it("changes the component that reads, never the stream it reads from", async () => {
    const value = Float32Array.from({ length: width }, (_, i) => Math.sin(i));
    const points = ["hook_resid_pre", "hook_resid_mid", "hook_attn_out", "hook_mlp_out"] as const;
    const there = points.filter((point) => !absence(point, facts));
    const capture = there.map((point) => ({ hook: hookName(point, 1), positions: "last" as const }));
    const [base, key, mlp] = await execute(session, [
      { tokens: clean, capture },
      { tokens: clean, edits: perHead("hook_v_input", 1, -1, value), capture },
      { tokens: clean, edits: [receive("hook_mlp_in", 1, -1, value)], capture },
    ]);
    const apart = (result: typeof base, point: (typeof points)[number]) =>
      distance(result!.captures.get(hookName(point, 1))!, base!.captures.get(hookName(point, 1))!);
    expect(apart(key, "hook_resid_pre")).toBe(0);
    expect(apart(key, "hook_attn_out")).toBeGreaterThan(1e-3);
    for (const point of there.slice(0, -1)) expect(apart(mlp, point), point).toBeLessThan(1e-6);
    expect(apart(mlp, "hook_mlp_out")).toBeGreaterThan(1e-3);
  });
});
