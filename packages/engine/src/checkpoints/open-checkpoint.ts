import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../errors.ts";
import type { Checkpoint, TensorLocation } from "./checkpoint.ts";
import { readSafetensors } from "./safetensors.ts";
import { weightHash } from "./weight-hash.ts";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Opens a Hugging Face model folder: config.json and safetensors, single or sharded. Weights are located, not read. */
export async function openCheckpoint(folder: string, name: string): Promise<Checkpoint> {
  const files = await readdir(folder).catch(() => {
    throw new EngineError("MODEL_NOT_FOUND", `model folder: ${folder} cannot be read (is the path right?)`);
  });
  const config = await readJson(path.join(folder, "config.json"), "MODEL_NOT_FOUND");
  const weights = files.includes(INDEX) ? await shardNames(folder) : [SINGLE];
  if (!files.includes(INDEX) && !files.includes(SINGLE)) {
    const hint = files.some((file) => file.endsWith(".bin"))
      ? "it has pytorch .bin weights: save them as safetensors first (model.save_pretrained(folder))"
      : `expected ${SINGLE}, or ${INDEX} with its shards`;
    throw new EngineError("BAD_WEIGHTS", `weights of ${folder}: no safetensors file (${hint})`);
  }
  const tensors = new Map<string, TensorLocation>();
  for (const file of weights) {
    for (const tensor of await readSafetensors(path.join(folder, file))) {
      if (tensors.has(tensor.name))
        throw new EngineError("BAD_WEIGHTS", `tensor ${tensor.name}: in two shards of ${folder}`);
      tensors.set(tensor.name, tensor);
    }
  }
  if (files.includes(INDEX)) await checkIndex(folder, tensors);
  const hash = await weightHash([
    path.join(folder, "config.json"),
    ...weights.map((file) => path.join(folder, file)),
  ]);
  return { name, folder, config, tensors, weightHash: hash };
}

async function shardNames(folder: string): Promise<string[]> {
  return [...new Set(Object.values(await weightMap(folder)))].sort();
}

async function weightMap(folder: string): Promise<Record<string, string>> {
  const index = await readJson(path.join(folder, INDEX), "BAD_WEIGHTS");
  const map = index.weight_map;
  if (
    !map ||
    typeof map !== "object" ||
    Object.values(map).some((file) => typeof file !== "string" || file !== path.basename(file))
  ) {
    throw new EngineError(
      "BAD_WEIGHTS",
      `shard index ${path.join(folder, INDEX)}: weight_map is missing or names files outside the folder`,
    );
  }
  return map as Record<string, string>;
}

async function checkIndex(folder: string, tensors: ReadonlyMap<string, TensorLocation>): Promise<void> {
  for (const [name, file] of Object.entries(await weightMap(folder))) {
    const exists = tensors.has(name);
    // Integer buffers are listed too but never located; a missing weight is caught when the model's tensors are checked.
    if (!exists && name.endsWith(".weight")) {
      throw new EngineError(
        "BAD_WEIGHTS",
        `tensor ${name}: listed in ${INDEX} but not in ${path.join(folder, file)}`,
      );
    }
  }
}

async function readJson(
  file: string,
  code: "MODEL_NOT_FOUND" | "BAD_WEIGHTS",
): Promise<Record<string, unknown>> {
  if (!(await stat(file).catch(() => null))) throw new EngineError(code, `model file: ${file} is missing`);
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (value && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new EngineError("BAD_CONFIG", `model file: ${file} is not a JSON object`);
}
