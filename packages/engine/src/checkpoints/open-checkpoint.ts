import { readdir } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../errors.ts";
import type { Checkpoint, TensorLocation } from "./checkpoint.ts";
import { readJsonObject } from "./read-json.ts";
import { readSafetensors } from "./safetensors.ts";
import { checkShardIndex, readShardIndex, SHARD_INDEX, SINGLE_FILE } from "./sharded.ts";
import { weightHash } from "./weight-hash.ts";

/** A model folder whose weights are located but not identified: enough for shapes and prompts, without reading gigabytes. */
export type LocatedCheckpoint = Omit<Checkpoint, "weightHash"> & { files: readonly string[] };

/** Opens a Hugging Face model folder, config.json and safetensors, single or sharded, and identifies its weights by their hash. */
export async function openCheckpoint(folder: string, name: string): Promise<Checkpoint> {
  const { files, ...checkpoint } = await locateCheckpoint(folder, name);
  return { ...checkpoint, weightHash: await weightHash(files) };
}

export async function locateCheckpoint(folder: string, name: string): Promise<LocatedCheckpoint> {
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
    folder,
    config,
    tensors,
    files: ["config.json", ...weightFiles].map((file) => path.join(folder, file)),
  };
}

/** @returns null where the weights are one file, which comes first as in the reference library */
async function shardIndex(folder: string, files: readonly string[]): Promise<Map<string, string> | null> {
  if (files.includes(SINGLE_FILE)) return null;
  if (files.includes(SHARD_INDEX)) return readShardIndex(folder);
  const hint = files.some((file) => /\.(bin|pth?|msgpack|h5)$/.test(file))
    ? "it has weights of another format: save them as safetensors first (model.save_pretrained(folder))"
    : `expected ${SINGLE_FILE}, or ${SHARD_INDEX} with its shards`;
  throw new EngineError("BAD_WEIGHTS", `weights of ${folder}: no safetensors file (${hint})`);
}
