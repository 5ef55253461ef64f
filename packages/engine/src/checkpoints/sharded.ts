import path from "node:path";
import { EngineError } from "../errors.ts";
import { readJsonObject } from "./read-json.ts";

export const SINGLE_FILE = "model.safetensors";
export const SHARD_INDEX = "model.safetensors.index.json";

/** Which shard of a model folder holds which tensor, as model.safetensors.index.json says; shards lie beside it. */
export async function readShardIndex(folder: string): Promise<Map<string, string>> {
  const file = path.join(folder, SHARD_INDEX);
  const map = (await readJsonObject(file, "BAD_WEIGHTS")).weight_map;
  if (!map || typeof map !== "object" || Array.isArray(map))
    throw new EngineError("BAD_WEIGHTS", `shard index ${file}: weight_map is missing`);
  const entries = Object.entries(map);
  for (const [tensor, shard] of entries) {
    if (typeof shard !== "string" || !/^[^/\\]+\.safetensors$/.test(shard))
      throw new EngineError(
        "BAD_WEIGHTS",
        `shard index ${file}: tensor ${tensor} is said to be in ${JSON.stringify(shard)} (expected a .safetensors file of the folder)`,
      );
  }
  return new Map(entries as [string, string][]);
}

/** Refuses an index that lists what its shards do not hold. */
export function checkShardIndex(
  folder: string,
  index: ReadonlyMap<string, string>,
  contents: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  for (const [tensor, shard] of index) {
    if (!contents.get(shard)?.has(tensor)) {
      throw new EngineError(
        "BAD_WEIGHTS",
        `tensor ${tensor}: listed in ${SHARD_INDEX} but not in ${path.join(folder, shard)}`,
      );
    }
  }
}
