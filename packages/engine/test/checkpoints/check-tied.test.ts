import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { readTensor } from "../../src/checkpoints/read-tensor.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors-writer.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { openOracle, oracleFolder } from "../oracles/oracle.ts";
import { temporaryFolder, write } from "./files.ts";

/** gpt2-untied, said to be tied, with an unembedding that differs in some rows or in none. */
async function folderWith(changed: (row: number) => boolean): Promise<string> {
  const folder = temporaryFolder();
  const { session } = await openOracle("gpt2-untied");
  const tensors = await Promise.all(
    [...session.checkpoint.tensors.values()].map(async (tensor) => ({
      name: tensor.name,
      shape: [...tensor.shape],
      data: await readTensor(tensor),
    })),
  );
  await session.close();
  const width = session.spec.facts.width;
  const table = tensors.find(({ name }) => name === "transformer.wte.weight")!.data;
  tensors.find(({ name }) => name === "lm_head.weight")!.data = table.map((x, i) =>
    changed(Math.floor(i / width)) ? x + 1 : x,
  );
  await writeSafetensors(path.join(folder, "model.safetensors"), tensors);
  const config = JSON.parse(await readFile(path.join(oracleFolder("gpt2-untied"), "config.json"), "utf8"));
  write(folder, "config.json", { ...config, tie_word_embeddings: true });
  await copyFile(
    path.join(oracleFolder("gpt2-untied"), "tokenizer.json"),
    path.join(folder, "tokenizer.json"),
  );
  return folder;
}

it("refuses an unembedding that config.json ties to another one", async () => {
  const opened = async (changed: (row: number) => boolean) =>
    openModel(await folderWith(changed), { modelsFolder: "" }, 1);
  await expect(opened(() => true)).rejects.toThrow(
    /tensor lm_head.weight .* differs from transformer.wte.weight, to which config.json ties it/,
  );
  const same = await opened(() => false);
  await same.session.close();
});
