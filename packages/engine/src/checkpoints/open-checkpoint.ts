import { readdir } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../errors.ts";
import type { Checkpoint, TensorLocation, TensorShape } from "./checkpoint.ts";
import { isGguf } from "./gguf/is-gguf.ts";
import { locateGguf, openGguf } from "./gguf/open-gguf.ts";
import type { RestoreOptions } from "./gguf/restored-file.ts";
import { readJsonObject } from "./read-json.ts";
import { readSafetensors } from "./safetensors.ts";
import { checkShardIndex, readShardIndex, SHARD_INDEX, SINGLE_FILE } from "./sharded.ts";
import { weightHash } from "./weight-hash.ts";

/** A model whose weights are located but not identified: enough for shapes and prompts, without reading gigabytes. */
export type LocatedCheckpoint = Pick<Checkpoint, "name" | "source" | "config"> & {
  tensors: ReadonlyMap<string, TensorShape>;
};

/**
 * Opens a Hugging Face model folder, config.json and safetensors, single or sharded, or a GGUF file, and identifies its weights by their
 * hash. @param options of GGUF files
 */
export async function openCheckpoint(
  source: string,
  name: string,
  options: RestoreOptions = {},
): Promise<Checkpoint> {
  if (isGguf(source)) return openGguf(source, name, options);
  const { files, ...checkpoint } = await locateFolder(source, name);
  const types = [...new Set([...checkpoint.tensors.values()].map(({ dtype }) => dtype))].sort();
  return { ...checkpoint, types, weightHash: await weightHash(files) };
}

export const locateCheckpoint = (source: string, name: string): Promise<LocatedCheckpoint> =>
  isGguf(source) ? locateGguf(source, name) : locateFolder(source, name);

async function locateFolder(folder: string, name: string) {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new EngineError(
      "MODEL_NOT_FOUND",
      `model folder: ${folder} cannot be read (${error.code}; is the path right?)`,
    );
  });
  const config = await readJsonObject(path.join(folder, "config.json"), "MODEL_NOT_FOUND");
  const index = await shardIndex(folder, files);
  const weightFiles = index ? [...new Set(index.values())].sort() : [SINGLE_FILE];
  const tensors = new Map<string, TensorLocation>();
  const contents = new Map<string, ReadonlySet<string>>();
  for (const file of weightFiles) {
    const { weights, skipped } = await readSafetensors(path.join(folder, file));
    for (const tensor of weights) {
      if (tensors.has(tensor.name))
        throw new EngineError("BAD_WEIGHTS", `tensor ${tensor.name}: in two shards of ${folder}`);
      tensors.set(tensor.name, tensor);
    }
    contents.set(file, new Set([...weights.map(({ name }) => name), ...skipped]));
  }
  if (index) checkShardIndex(folder, index, contents);
  return {
    name,
    source: folder,
    config,
    tensors,
    files: ["config.json", ...weightFiles].map((file) => path.join(folder, file)),
  };
}

/** @returns null where the weights are one file, which comes first as in the reference library */
async function shardIndex(folder: string, files: readonly string[]): Promise<Map<string, string> | null> {
  if (files.includes(SINGLE_FILE)) return null;
  if (files.includes(SHARD_INDEX)) return readShardIndex(folder);
  const gguf = files.find(isGguf);
  if (gguf !== undefined)
    throw new EngineError(
      "BAD_WEIGHTS",
      `weights of ${folder}: no safetensors file (give the GGUF file itself: ${path.join(folder, gguf)})`,
    );
  const hint = files.some((file) => /\.(bin|pth?|msgpack|h5)$/.test(file))
    ? "it has weights of another format: save them as safetensors first (model.save_pretrained(folder))"
    : `expected ${SINGLE_FILE}, or ${SHARD_INDEX} with its shards`;
  throw new EngineError("BAD_WEIGHTS", `weights of ${folder}: no safetensors file (${hint})`);
}
