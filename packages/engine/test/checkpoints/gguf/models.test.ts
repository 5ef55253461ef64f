import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readModelSpec } from "../../../src/architectures/index.ts";
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { FAMILIES } from "../../../src/checkpoints/gguf/families.ts";
import { openCheckpoint } from "../../../src/checkpoints/open-checkpoint.ts";
import { readTensor } from "../../../src/checkpoints/read-tensor.ts";
import { execute } from "../../../src/planner/execute.ts";
import { ModelSession } from "../../../src/session/model-session.ts";
import { distance } from "../../oracles/distance.ts";
import { openOracle, oracleFolder } from "../../oracles/oracle.ts";
import { temporaryFolder } from "../files.ts";

const MODELS = path.join(import.meta.dirname, "../../fixtures/gguf/models");
const families = readdirSync(MODELS).map((file) => file.replace(/\.gguf$/, ""));
/** Quantised to 8 bits: at most half a step of 1/127 of a block's largest number apart. */
const tolerance = (family: string) => (family.endsWith("-q8") ? 0.5 / 127 + 2 ** -11 : 1e-7);
const weightsFolder = temporaryFolder();
async function open(family: string): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(path.join(MODELS, `${family}.gguf`), family, { weightsFolder });
  // The one number that the file does not say, and that of the tiny model is not one of the sizes there are.
  const own = family.startsWith("gemma2") ? { query_pre_attn_scalar: 6 } : {};
  return { ...checkpoint, config: { ...checkpoint.config, ...own } };
}
const original = (family: string) => openCheckpoint(oracleFolder(family.replace(/-q8$/, "")), family);

it("has a model of every architecture", () => {
  const architectures = new Set(FAMILIES.map(({ name }) => name));
  for (const family of families)
    architectures.delete(family.replace("mistral", "llama").replace("gpt-neox", "gptneox").split("-")[0]!);
  expect([...architectures]).toEqual([]);
  expect(families.filter((family) => !existsSync(oracleFolder(family.replace(/-q8$/, ""))))).toEqual([]);
});

describe.each(families)("the GGUF file of %s", (family) => {
  it("has the tensors of the folder it was made from", async () => {
    const [ours, theirs] = [await open(family), await original(family)];
    const buffer = /\.attn\.(masked_)?bias$|rotary_emb/;
    const tied = theirs.config.tie_word_embeddings ? ["lm_head.weight"] : [];
    const names = [...theirs.tensors.keys()].filter((name) => !buffer.test(name) && !tied.includes(name));
    expect([...ours.tensors.keys()].sort()).toEqual(names.sort());
    for (const name of names) {
      const [given, expected] = [
        await readTensor(ours.tensors.get(name)!),
        await readTensor(theirs.tensors.get(name)!),
      ];
      expect(ours.tensors.get(name)!.shape, name).toEqual(theirs.tensors.get(name)!.shape);
      const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      expect(distance(given, expected) / most, name).toBeLessThan(tolerance(family));
    }
  });

  it("says what config.json says", async () => {
    const [ours, theirs] = [readModelSpec(await open(family)), readModelSpec(await original(family))];
    expect(ours.facts).toEqual(theirs.facts);
    expect(ours.rotary).toEqual(theirs.rotary);
    expect(ours.embedding).toEqual(theirs.embedding);
    expect(ours.unembedding).toEqual(theirs.unembedding);
    expect(ours.block(1)).toEqual(theirs.block(1));
  });
});

describe.each(families.filter((family) => !family.endsWith("-q8")))("%s", (family) => {
  it("computes the golden logits", async () => {
    const { get, prompts, session: folder } = await openOracle(family);
    await folder.close();
    const session = ModelSession.open(await open(family), { threads: 1 });
    const results = await execute(
      session,
      prompts("clean").map((tokens) => ({ tokens, logits: "all" as const })),
    );
    await session.close();
    expect(
      distance(Float32Array.from(results.flatMap((r) => [...r.logits!])), get("logits.clean").data),
    ).toBeLessThan(1e-4);
  });
});
