import { describe, expect, it } from "vitest";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle, oracleFolder, tolerance } from "../oracles/oracle.ts";
import { captured, type ReferenceRun, ReferenceTransformer } from "./reference-transformer.ts";

describe.each(FAMILIES)("the reference transformer on %s", async (family) => {
  const { session, get, prompts } = await openOracle(family);
  const { layers, heads } = session.spec.facts;
  const reference = await ReferenceTransformer.open(oracleFolder(family));
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
  /** The golden numbers are float32; those of the float16 model are 2e-5 off what Hugging Face gives for it in float64. */
  const TOLERANCE = tolerance(family) / 2;
  await session.close();
  const part = (name: string, index: number, of: number) => {
    const { data } = get(name);
    return data.slice((index * data.length) / of, ((index + 1) * data.length) / of);
  };

  it("is not a second copy of our own mistakes: activations and logits are Hugging Face's", () => {
    for (const [b, run] of reference.run(clean.map((tokens) => ({ tokens }))).entries()) {
      for (let layer = 0; layer < layers; layer++) {
        for (const [golden, hook] of [
          ["resid_post", "hook_resid_post"],
          ["head_out", "attn.hook_result"],
          ["attn_out", "hook_attn_out"],
          ["mlp_out", "hook_mlp_out"],
          ["pattern", "attn.hook_pattern"],
        ]) {
          const own = captured(run, `blocks.${layer}.${hook}`, "all");
          expect(distance(own, part(`clean/${golden}.${layer}`, b, clean.length)), golden).toBeLessThan(
            TOLERANCE,
          );
        }
      }
      expect(distance(run.logits, part("logits.clean", b, clean.length))).toBeLessThan(TOLERANCE);
    }
  });

  const everyHead = Array.from({ length: layers * heads }, (_, i) => ({
    hook: `blocks.${Math.floor(i / heads)}.attn.hook_z` as const,
    head: i % heads,
    scale: 0,
  }));
  const compareLast = (runs: readonly ReferenceRun[], name: string) => {
    for (const [i, { logits, length }] of runs.entries()) {
      const own = logits.slice((logits.length / length) * (length - 1));
      expect(distance(own, part(name, i, runs.length)), `row ${i}`).toBeLessThan(TOLERANCE);
    }
  };

  it("patches single heads as Hugging Face does with a hook", () => {
    const sources = clean.map((tokens) => ({ tokens }));
    const patched = everyHead.flatMap((edit) =>
      corrupted.map((tokens, pass) => ({ tokens, edits: [{ ...edit, position: 2, value: { pass } }] })),
    );
    const runs = reference.run([...sources, ...patched]).slice(sources.length);
    compareLast(runs, "patch.z.subject_pos.last_logits");
  });

  it("ablates single heads at all positions as Hugging Face does with a hook", () => {
    const ablated = everyHead.flatMap((edit) => clean.map((tokens) => ({ tokens, edits: [edit] })));
    compareLast(reference.run(ablated), "ablate.zero.last_logits");
  });
});
