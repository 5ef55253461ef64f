import { afterAll, expect, it } from "vitest";
import type { HookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";
import { distance as largestDifference } from "./distance.ts";
import type { Oracle } from "./oracle.ts";

/** What a tiny model computes against what Hugging Face transformers computed with it: to be called inside a `describe`. */
export function testAgainstOracle(
  { session, get, prompts }: Oracle,
  tolerance: number,
  distance: (actual: ArrayLike<number>, expected: ArrayLike<number>) => number = largestDifference,
): void {
  const { layers, heads, vocabulary } = session.spec.facts;
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
  const batch = clean.length;
  afterAll(() => session.close());

  it("gives every activation of every layer", async () => {
    const hooks = Array.from({ length: layers }, (_, l) => [
      [`clean/resid_pre.${l}`, `blocks.${l}.hook_resid_pre`],
      [`clean/resid_post.${l}`, `blocks.${l}.hook_resid_post`],
      [`clean/head_out.${l}`, `blocks.${l}.attn.hook_result`],
      [`clean/attn_out.${l}`, `blocks.${l}.hook_attn_out`],
      [`clean/mlp_out.${l}`, `blocks.${l}.hook_mlp_out`],
      [`clean/pattern.${l}`, `blocks.${l}.attn.hook_pattern`],
    ]).flat() as [string, HookName][];
    const passes: ForwardPass[] = clean.map((tokens) => ({
      tokens,
      capture: hooks.map(([, hook]) => ({ hook, positions: "all" })),
      logits: "all",
    }));
    const results = await execute(session, passes);
    for (const [name, hook] of hooks) {
      const golden = get(name).data;
      const size = golden.length / batch;
      for (let b = 0; b < batch; b++) {
        const error = distance(results[b]!.captures.get(hook)!, golden.slice(b * size, (b + 1) * size));
        expect(error, `${hook} of prompt ${b}`).toBeLessThan(tolerance);
      }
    }
    const logits = get("logits.clean").data;
    const size = logits.length / batch;
    for (let b = 0; b < batch; b++) {
      expect(distance(results[b]!.logits!, logits.slice(b * size, (b + 1) * size))).toBeLessThan(tolerance);
    }
  });

  it("gives the corrupted logits", async () => {
    const results = await execute(
      session,
      corrupted.map((tokens) => ({ tokens, logits: "all" })),
    );
    const all = Float32Array.from(results.flatMap((r) => [...r.logits!]));
    expect(distance(all, get("logits.corrupted").data)).toBeLessThan(tolerance);
  });

  const everyHead = Array.from({ length: layers * heads }, (_, i) => ({
    layer: Math.floor(i / heads),
    head: i % heads,
  }));
  const compareLast = async (passes: ForwardPass[], name: string, skip = 0) => {
    const results = (await execute(session, passes)).slice(skip);
    const golden = get(name).data;
    for (const [i, result] of results.entries()) {
      expect(
        distance(result.logits!, golden.slice(i * vocabulary, (i + 1) * vocabulary)),
        `row ${i}`,
      ).toBeLessThan(tolerance);
    }
    expect(results.length * vocabulary).toBe(golden.length);
  };

  it("ablates each head at all positions", async () => {
    const passes = everyHead.flatMap(({ layer, head }) =>
      clean.map(
        (tokens): ForwardPass => ({
          tokens,
          edits: [{ hook: `blocks.${layer}.attn.hook_z`, head, scale: 0 }],
          logits: "last",
        }),
      ),
    );
    await compareLast(passes, "ablate.zero.last_logits");
  });

  it("scales all heads of the last layer by a half", async () => {
    const passes = clean.map(
      (tokens): ForwardPass => ({
        tokens,
        edits: [{ hook: `blocks.${layers - 1}.attn.hook_z`, scale: 0.5 }],
        logits: "last",
      }),
    );
    await compareLast(passes, "scale.half.last_layer.last_logits");
  });

  it.each([
    ["patch.z.last_pos.last_logits", -1],
    ["patch.z.subject_pos.last_logits", 2],
  ])("denoises each head: %s", async (name, position) => {
    const passes: ForwardPass[] = clean.map((tokens) => ({ tokens }));
    for (const { layer, head } of everyHead) {
      for (const [b, tokens] of corrupted.entries()) {
        const edit = {
          hook: `blocks.${layer}.attn.hook_z`,
          head,
          position,
          scale: 0,
          value: { pass: b },
        } as const;
        passes.push({ tokens, edits: [edit], logits: "last" });
      }
    }
    await compareLast(passes, name, batch);
  });
}
