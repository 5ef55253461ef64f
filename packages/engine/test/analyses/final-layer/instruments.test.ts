import { afterAll, describe, expect, it } from "vitest";
import { readTensor } from "../../../src/checkpoints/read-tensor.ts";
import { hookName } from "../../../src/hooks/hook-points.ts";
import { execute } from "../../../src/planner/execute.ts";
import { openInstruments } from "../../../src/session/model-instruments.ts";
import { distance } from "../../oracles/distance.ts";
import { FAMILIES, openOracle, PLAIN } from "../../oracles/oracle.ts";
import { referenceInstruments } from "../reference-instruments.ts";

describe.each(FAMILIES)("what the final layer's analyses ask of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { width, vocabulary, layers } = facts;
  const instruments = await openInstruments(session);
  const tokens = prompts("clean")[0]!;
  afterAll(() => session.close());

  it("visits the logits of the model's own forward pass, row by row", async () => {
    const hook = hookName("hook_resid_post", layers - 1);
    const [result] = await execute(session, [
      { tokens, capture: [{ hook, positions: "all" }], logits: "all" },
    ]);
    const seen: number[] = [];
    const out = new Float32Array(tokens.length * vocabulary);
    await instruments.visitLogits(instruments.normalise(result!.captures.get(hook)!), (row, logits) => {
      seen.push(row);
      out.set(logits, row * vocabulary);
    });
    expect(seen).toEqual(tokens.map((_, i) => i));
    expect(distance(out, result!.logits!)).toBeLessThan(1e-4);
  });

  it.skipIf(!PLAIN.includes(family))(
    "says what each neuron writes: activations times W_out and the bias are the MLP's output",
    async () => {
      const layer = layers - 1;
      const [post, written] = [hookName("mlp.hook_post", layer), hookName("hook_mlp_out", layer)];
      const [result] = await execute(session, [
        { tokens, capture: [post, written].map((hook) => ({ hook, positions: "last" as const })) },
      ]);
      const hidden = result!.captures.get(post)!;
      const out = await instruments.mlpOutput(layer);
      expect(out).toHaveLength(facts.mlpWidth * width);
      const { bias } = session.spec.block(layer).mlp.out;
      const sum = bias ? Float64Array.from(await readTensor(session.tensor(bias))) : new Float64Array(width);
      for (const [i, h] of hidden.entries())
        for (let d = 0; d < width; d++) sum[d]! += h * out[i * width + d]!;
      expect(distance(sum, result!.captures.get(written)!)).toBeLessThan(1e-4);
    },
  );

  it("samples what whole forward passes would, token by token", async () => {
    const reference = referenceInstruments({
      width,
      vocabulary,
      norm: "none",
      epsilon: 0,
      gain: [],
      bias: null,
      unembedding: [],
      output: () => ({ heads: 1, headWidth: 1, values: [] }),
      nextLogits: async (own) => (await execute(session, [{ tokens: own, logits: "last" }]))[0]!.logits!,
    });
    const options = { start: 2, sequences: 3, length: 5, seed: 7 };
    const collect = async (by: typeof instruments) => {
      const seen: [number, number, Float64Array][] = [];
      const sampled = await by.sample(options, (i, step, p) => seen.push([i, step, p.slice()]));
      return { sampled, seen: seen.sort(([a, b], [c, d]) => a - c || b - d) };
    };
    const [real, plain] = [await collect(instruments), await collect(reference)];
    expect(real.sampled).toEqual(plain.sampled);
    for (const [n, [i, step, p]] of real.seen.entries()) {
      expect([i, step]).toEqual(plain.seen[n]!.slice(0, 2));
      expect(distance(p, plain.seen[n]![2])).toBeLessThan(1e-5);
    }
  });
});
