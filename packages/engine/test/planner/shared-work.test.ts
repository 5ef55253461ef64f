import { afterAll, describe, expect, it } from "vitest";
import { absence, type HookName, hookName } from "../../src/hooks/hook-points.ts";
import { seededRandom } from "../../src/math/random.ts";
import { estimatePlan } from "../../src/planner/estimate.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass, PassResult } from "../../src/planner/forward-pass.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle, oracleFolder } from "../oracles/oracle.ts";
import { randomPlan } from "../support/random-plan.ts";
import { captured, ReferenceTransformer } from "../support/reference-transformer.ts";
import { sweepOf } from "../support/sweep-plan.ts";

const TOLERANCE = 1e-4;

describe.each(FAMILIES)("work that passes share on %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads, vocabulary } = facts;
  const reference = await ReferenceTransformer.open(oracleFolder(family));
  const [clean, corrupted] = [prompts("clean")[0]!, prompts("corrupted")[0]!];
  afterAll(() => session.close());

  /** Prompts that branch at several depths, with one that is the beginning of others. */
  const random = seededRandom(`branches ${family}`);
  const token = () => Math.floor(random() * vocabulary);
  const stem = clean.slice(0, Math.min(5, facts.positions - 2));
  const rest = Math.min(3, facts.positions - stem.length);
  const branches = [
    stem,
    clean,
    ...Array.from({ length: 4 }, () => [...stem, ...Array.from({ length: rest }, token)]),
    ...Array.from({ length: 3 }, () => [...stem.slice(0, 2), token(), token()]),
    [token(), ...clean.slice(1)],
    [stem[0]!],
  ];
  const distinct = new Set(branches.flatMap((own) => own.map((_, i) => own.slice(0, i + 1).join()))).size;

  const compare = (plan: readonly ForwardPass[], results: readonly PassResult[]) => {
    const expected = reference.run(plan);
    for (const [i, pass] of plan.entries()) {
      const run = expected[i]!;
      if (pass.logits) {
        const logits = pass.logits === "all" ? run.logits : run.logits.slice(-vocabulary);
        expect(distance(results[i]!.logits!, logits), `logits of pass ${i}`).toBeLessThan(TOLERANCE);
      }
      for (const { hook, positions } of pass.capture ?? [])
        expect(
          distance(results[i]!.captures.get(hook)!, captured(run, hook, positions)),
          `${hook} of pass ${i}`,
        ).toBeLessThan(TOLERANCE);
    }
  };

  it("computes prompts that begin alike as if each were alone, and their beginning once", async () => {
    const hooks: HookName[] = [
      hookName("attn.hook_pattern", 1),
      hookName("attn.hook_result", 0),
      hookName("mlp.hook_post", layers - 1),
      hookName(absence("ln2.hook_scale", facts) ? "hook_resid_post" : "ln2.hook_scale", 1),
    ];
    const plan = branches.map(
      (tokens): ForwardPass => ({
        tokens,
        capture: hooks.map((hook) => ({ hook, positions: "all" })),
        logits: "all",
      }),
    );
    compare(plan, await execute(session, plan));
    expect((await estimatePlan(session, plan)).rows).toBe(distinct * layers);
  });

  it("changes passes over shared prompts as if each were alone", async () => {
    const plan = [
      ...branches.map((tokens) => ({ tokens })),
      ...randomPlan(branches.slice(0, 9), facts, seededRandom(`shared plans ${family}`), 30),
    ];
    compare(plan, await execute(session, plan));
  });

  it("takes a change at one position through its own row, then through the later ones, then to the last", async () => {
    const at = Math.min(3, clean.length - 2);
    const edit = (layer: number): ForwardPass => ({
      tokens: clean,
      logits: "last",
      edits: [{ hook: hookName("attn.hook_z", layer), head: 1, position: at, scale: 0 }],
    });
    const rows = async (...passes: ForwardPass[]) => (await estimatePlan(session, passes)).rows;
    const base = await rows({ tokens: clean, logits: "last" });
    for (let layer = 0; layer < layers; layer++) {
      const own = (await rows({ tokens: clean, logits: "last" }, edit(layer))) - base;
      const between = Math.max(0, layers - layer - 2) * (clean.length - at);
      expect(own, `layer ${layer}`).toBe(layer === layers - 1 ? 0 : 1 + between + 1);
    }
    compare(
      Array.from({ length: layers }, (_, layer) => edit(layer)),
      await execute(
        session,
        Array.from({ length: layers }, (_, layer) => edit(layer)),
      ),
    );
  });

  it("does nothing for a patch before the first difference, and the effect is exactly 0", async () => {
    let same = 0;
    while (clean[same] === corrupted[same]) same++;
    expect(same).toBeGreaterThan(0);
    const before = Array.from({ length: same }, (_, position) => position);
    const plan = sweepOf(clean, corrupted, facts, before);
    const results = await execute(session, plan);
    for (const { queried } of results.slice(2)) expect(queried).toEqual(results[1]!.queried);
    const [with_, without] = [
      await estimatePlan(session, plan),
      await estimatePlan(session, plan.slice(0, 2)),
    ];
    expect(plan.length).toBe(2 + same * layers * heads);
    expect(with_.rows).toBe(without.rows);
  });

  it("goes no further than what is asked for", async () => {
    const rows = async (hook: HookName) =>
      (await estimatePlan(session, [{ tokens: clean, capture: [{ hook, positions: "all" }] }])).rows;
    const { length } = clean;
    expect(await rows("hook_embed")).toBe(0);
    expect(await rows(hookName("hook_resid_pre", 1))).toBe(length);
    expect(await rows(hookName("attn.hook_z", 1))).toBe(length);
    expect(await rows(hookName("hook_mlp_out", 1))).toBe(2 * length);
    // Only the last row of the last layer is read.
    expect((await estimatePlan(session, [{ tokens: clean, logits: "last" }])).rows).toBe(
      (layers - 1) * length + 1,
    );
  });

  it("stops soon after it is cancelled, between two calls", async () => {
    const controller = new AbortController();
    const everywhere = Array.from(clean.keys());
    setTimeout(() => controller.abort(), 1);
    await expect(
      execute(session, sweepOf(clean, corrupted, facts, everywhere), {
        signal: controller.signal,
        maxMemory: 1,
      }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
