import { afterAll, describe, expect, it } from "vitest";
import { absence, hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { Edit, ForwardPass } from "../../src/planner/forward-pass.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";

/** What activation patching must do whatever the model computes. */
describe.each(FAMILIES)("activation patching in %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads, headWidth } = facts;
  const [clean, corrupted] = [prompts("clean")[0]!, prompts("corrupted")[0]!];
  const allLayers = Array.from({ length: layers }, (_, layer) => layer);
  const z = hookName("attn.hook_z", 1);
  const logits = async (passes: ForwardPass[]) => (await execute(session, passes)).map((r) => r.logits!);
  const run = (tokens: readonly number[], edits: Edit[] = []): ForwardPass => ({
    tokens,
    logits: "last",
    ...(edits.length > 0 && { edits }),
  });
  afterAll(() => session.close());

  it("of nothing is the run itself, with an empty list of edits or knockouts too", async () => {
    const [plain, empty] = await logits([
      run(clean),
      { tokens: clean, edits: [], knockouts: [], logits: "last" },
    ]);
    expect(distance(empty!, plain!)).toBe(0);
  });

  it("of the embedding, every head and every MLP is the other run", async () => {
    const everything = [
      hookName("hook_resid_pre", 0),
      ...allLayers.flatMap((layer) => [hookName("attn.hook_z", layer), hookName("hook_mlp_out", layer)]),
    ].map((hook): Edit => ({ hook, scale: 0, value: { pass: 0 } }));
    const [target, , patched] = await logits([run(clean), run(corrupted), run(corrupted, everything)]);
    expect(distance(patched!, target!)).toBeLessThan(1e-5);
  });

  it("from an equal run has no effect", async () => {
    const hooks = ["attn.hook_z", "hook_q_input", "hook_mlp_in", "attn.hook_k", "hook_resid_pre"] as const;
    const edits = allLayers.flatMap((layer) =>
      hooks.map((point): Edit => ({ hook: hookName(point, layer), scale: 0, value: { pass: 1 } })),
    );
    const [base, , ...patched] = await logits([
      run(clean),
      run([...clean]),
      ...edits.map((edit) => run(clean, [edit])),
    ]);
    for (const own of patched) expect(distance(own, base!)).toBeLessThan(1e-5);
  });

  it("of the last layer's heads before the last position has no effect, and at the last it has", async () => {
    const at = (position: number): Edit => ({
      hook: hookName("attn.hook_z", layers - 1),
      position,
      scale: 0,
      value: { pass: 1 },
    });
    const [base, , before, final] = await logits([
      run(clean),
      run(corrupted),
      run(clean, [at(Math.min(4, clean.length - 2))]),
      run(clean, [at(-1)]),
    ]);
    expect(distance(before!, base!)).toBeLessThan(1e-6);
    expect(distance(final!, base!)).toBeGreaterThan(1e-5);
  });

  it("with the mean over one prompt is a patch from that prompt", async () => {
    const [source] = await execute(session, [
      { tokens: corrupted, capture: [{ hook: z, positions: "last" }] },
    ]);
    const mean = source!.captures.get(z)!.slice((heads - 1) * headWidth);
    const edit = { hook: z, head: heads - 1, position: -1, scale: 0 } as const;
    const [, byNumbers, byPass] = await logits([
      run(corrupted),
      run(clean, [{ ...edit, value: mean }]),
      run(clean, [{ ...edit, value: { pass: 0 } }]),
    ]);
    expect(distance(byNumbers!, byPass!)).toBeLessThan(1e-5);
  });

  it("takes another position of the source where one is named, counted from the source's end", async () => {
    const shorter = corrupted.slice(0, Math.ceil(clean.length * 0.6));
    const hook = hookName(absence("hook_resid_mid", facts) ? "hook_resid_post" : "hook_resid_mid", 1);
    const [source] = await execute(session, [{ tokens: shorter, capture: [{ hook, positions: "all" }] }]);
    const rows = source!.captures.get(hook)!;
    const row = (position: number) => {
      const width = rows.length / shorter.length;
      return rows.slice(position * width, (position + 1) * width);
    };
    const edit = { hook, position: -1, scale: 0.5 } as const;
    const named: Edit[] = [
      { ...edit, value: { pass: 0, position: 1 } },
      { ...edit, value: { pass: 0, position: -1 } },
      { hook, scale: 0.5, value: { pass: 0, position: 1 } },
      // At position 0 it puts back what stands there, but not at the others.
      { hook, scale: 0, value: { pass: 0, position: 0 } },
    ];
    const given: Edit[] = [
      { ...edit, value: row(1) },
      { ...edit, value: row(shorter.length - 1) },
      { hook, scale: 0.5, value: row(1) },
      { hook, scale: 0, value: row(0) },
    ];
    const results = (await logits([run(shorter), ...[...named, ...given].map((e) => run(clean, [e]))])).slice(
      1,
    );
    for (let i = 0; i < 4; i++) expect(distance(results[i]!, results[i + 4]!)).toBeLessThan(1e-5);
    expect(distance(results[0]!, results[1]!)).toBeGreaterThan(1e-4);
  });

  it("of several points in one pass runs in the order of the forward pass, not of the list", async () => {
    const edits: Edit[] = [
      { hook: hookName("hook_resid_post", 1), position: -1, scale: 2 },
      { hook: hookName("hook_mlp_in", 1), position: -1, scale: 0.5 },
      { hook: hookName("attn.hook_z", 1), position: -1, scale: -1 },
      { hook: hookName("hook_q_input", 1), position: -1, scale: 3 },
      { hook: hookName("hook_resid_pre", 1), position: -1, scale: 0.5 },
    ];
    const [listed, reversed] = await logits([run(clean, edits), run(clean, [...edits].reverse())]);
    expect(distance(listed!, reversed!)).toBe(0);
  });
});
