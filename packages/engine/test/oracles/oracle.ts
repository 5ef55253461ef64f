import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { type ModelOptions, ModelSession } from "../../src/session/model-session.ts";
import { readAnyTensor } from "./read-any-tensor.ts";

const ORACLES = fileURLToPath(new URL("../fixtures/oracles", import.meta.url));
const FOLDERS = readdirSync(ORACLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Families whose prompts may be no longer than a sliding window of a few tokens: see `beyond-window.safetensors` of theirs. */
export const WINDOWED = FOLDERS.filter((name) =>
  existsSync(path.join(ORACLES, name, "beyond-window.safetensors")),
);
/** Every other folder of tiny models is tested throughout; adding one is enough. */
export const FAMILIES = FOLDERS.filter((name) => !WINDOWED.includes(name));

const configOf = (family: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(ORACLES, family, "config.json"), "utf8"));

/** Families whose norms stand on the stream itself: what components write does not add up. */
export const STREAM_NORMED = FAMILIES.filter((family) => configOf(family).do_layer_norm_before === false);
/** Families that norm what attention and MLP write before it is added. */
export const OUTPUT_NORMED = FAMILIES.filter((family) => configOf(family).model_type === "gemma2");
/** Families in which what a component writes is what is added. */
export const PLAIN = FAMILIES.filter(
  (family) => !STREAM_NORMED.includes(family) && !OUTPUT_NORMED.includes(family),
);

/**
 * How far float32 may be from the golden numbers. Those of `qwen2` were computed with rotary frequencies rounded to bf16, 1.8e-4 off what its weights give
 * in float64, from which the engine is 1e-6 away; `qwen2-tied` is the same family with exact golden numbers.
 */
export const tolerance = (family: string): number => (family === "qwen2" ? 5e-4 : 1e-4);

export interface Golden {
  shape: number[];
  data: Float32Array | number[];
}

export const oracleFolder = (family: string): string => path.join(ORACLES, family);

export type Oracle = Awaited<ReturnType<typeof openOracle>>;

/** A tiny model and what Hugging Face transformers computed with it. */
export async function openOracle(family: string, options: Partial<ModelOptions> = {}) {
  const folder = oracleFolder(family);
  const session = ModelSession.open(await openCheckpoint(folder, family), { threads: 1, ...options });
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
