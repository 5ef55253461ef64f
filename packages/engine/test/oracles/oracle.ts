import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { ModelSession } from "../../src/session/model-session.ts";
import { readAnyTensor } from "./read-any-tensor.ts";

const ORACLES = fileURLToPath(new URL("../fixtures/oracles", import.meta.url));
/** Every folder of tiny models is tested; adding one is enough. */
export const FAMILIES = readdirSync(ORACLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export interface Golden {
  shape: number[];
  data: Float32Array | number[];
}

export const oracleFolder = (family: string): string => path.join(ORACLES, family);

/** A tiny model and what Hugging Face transformers computed with it. */
export async function openOracle(family: string) {
  const folder = oracleFolder(family);
  const session = ModelSession.open(await openCheckpoint(folder, family), { threads: 1 });
  const golden = await readAnyTensor(path.join(folder, "golden.safetensors"));
  const get = (name: string): Golden => {
    const tensor = golden.get(name);
    if (!tensor) throw new Error(`${family} has no golden ${name}`);
    return tensor;
  };
  const prompts = (which: "clean" | "corrupted"): number[][] => {
    const { shape, data } = get(`input_ids.${which}`);
    const [batch, length] = shape as [number, number];
    return Array.from({ length: batch }, (_, b) => Array.from(data.slice(b * length, (b + 1) * length)));
  };
  return { session, get, prompts };
}
