import { describe, expect, it } from "vitest";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle, oracleFolder } from "../oracles/oracle.ts";
import { captured, ReferenceTransformer } from "./reference-transformer.ts";

/** The golden numbers are float32; those of the float16 model are 2e-5 off what Hugging Face gives for it in float64. */
const TOLERANCE = 5e-5;

describe.each(FAMILIES)("the reference transformer on %s", async (family) => {
  const { session, get, prompts } = await openOracle(family);
  const { layers, heads } = session.spec.facts;
  const reference = await ReferenceTransformer.open(oracleFolder(family));
  const [clean, corrupted] = [prompts("clean"), prompts("corrupted")];
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

  it("patches single heads as Hugging Face does with a hook", () => {
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const edit = { hook: `blocks.${layer}.attn.hook_z`, head, position: 2, scale: 0 } as const;
        const runs = reference.run([
          ...clean.map((tokens) => ({ tokens })),
          ...corrupted.map((tokens, pass) => ({ tokens, edits: [{ ...edit, value: { pass } }] })),
        ]);
        for (const [b, run] of runs.slice(clean.length).entries()) {
          const golden = part(
            "patch.z.subject_pos.last_logits",
            (layer * heads + head) * clean.length + b,
            layers * heads * clean.length,
          );
          expect(distance(run.logits.slice(-golden.length), golden)).toBeLessThan(TOLERANCE);
        }
      }
    }
  });
});
