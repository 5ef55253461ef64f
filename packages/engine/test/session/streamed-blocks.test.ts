import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { gradients } from "../../src/gradients/gradients.ts";
import { logitDifference } from "../../src/gradients/metric.ts";
import { hookName } from "../../src/hooks/hook-points.ts";
import { seededRandom } from "../../src/math/random.ts";
import { execute } from "../../src/planner/execute.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import { USUAL_MEMORY } from "../../src/session/model-memory.ts";
import { ModelSession } from "../../src/session/model-session.ts";
import { FAMILIES, openOracle, oracleFolder } from "../oracles/oracle.ts";
import { randomPlan } from "../support/random-plan.ts";

describe.each(FAMILIES)("%s with room for one block", async (family) => {
  const { session: whole, prompts } = await openOracle(family);
  const { facts } = whole.spec;
  const { least } = whole.weightNeed;
  const streamed = ModelSession.open(await openCheckpoint(oracleFolder(family), family), {
    threads: 1,
    memory: { ...USUAL_MEMORY, weights: least },
  });
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
  const bases = [...clean, ...corrupted];
  const plan = [
    ...bases.map((tokens) => ({ tokens, logits: "last" as const })),
    ...randomPlan(bases, facts, seededRandom(`streamed ${family}`), 60),
  ];
  afterAll(async () => {
    await whole.close();
    await streamed.close();
  });

  it("gives the same bits, and never holds more", async () => {
    const expected = await execute(whole, plan);
    const before = streamed.weightMemory.compiled;
    const results = await execute(streamed, plan);
    expect(results).toEqual(expected);
    const once = streamed.weightMemory.compiled - before;
    expect(streamed.weightMemory.peak).toBeLessThanOrEqual(least);
    expect(whole.weightMemory.peak).toBeGreaterThan(least);
    expect(streamed.weightMemory.read).toBeGreaterThanOrEqual(whole.weightMemory.read);
    // A second plan reads the blocks again: nothing but the last graphs was kept.
    await execute(streamed, plan);
    expect(streamed.weightMemory.compiled - before - once).toBeGreaterThan(facts.layers);
  });

  it("reads a block once for all passes of a batch", async () => {
    const sweep = Array.from({ length: 2 * facts.heads }, (_, i) => ({
      tokens: clean[0]!,
      edits: [{ hook: hookName("attn.hook_z", 0), head: i % facts.heads, scale: i / facts.heads }],
      query: { tokens: [1] },
    }));
    await execute(streamed, sweep);
    const before = { ...streamed.weightMemory };
    await execute(streamed, sweep);
    // Three graphs of each block at most, the unembedding, and a projection of the embedding.
    const compiled = streamed.weightMemory.compiled - before.compiled;
    expect(compiled).toBeGreaterThanOrEqual(facts.layers);
    expect(compiled).toBeLessThanOrEqual(3 * facts.layers + 2);
  });

  it("gives the same gradients and readings", async () => {
    const hooks = [hookName("attn.hook_z", 0), hookName("hook_mlp_out", facts.layers - 1)];
    const asked = clean.map((tokens) => ({ tokens, metric: logitDifference(1, 2) }));
    expect(await gradients(streamed, asked, hooks)).toEqual(await gradients(whole, asked, hooks));
    const rows = Float32Array.from({ length: 3 * facts.width }, (_, i) => Math.sin(i));
    const read = async (session: ModelSession) => {
      const instruments = await openInstruments(session);
      const normed = instruments.normalise(rows);
      return {
        read: await instruments.read(normed, [[1, 2], [3, 4], [5, 6]], 1), // biome-ignore format: one line
        top: await instruments.top(normed, 5),
      };
    };
    expect(await read(streamed)).toEqual(await read(whole));
    expect(streamed.weightMemory.peak).toBeLessThanOrEqual(least);
  });
});
