import { type Config, readFolder, type Tensors } from "./reference/folder.ts";
import { gemma2 } from "./reference/gemma2.ts";
import { gptNeox } from "./reference/gpt-neox.ts";
import { gpt2 } from "./reference/gpt2.ts";
import { llama } from "./reference/llama.ts";
import { opt } from "./reference/opt.ts";
import type { Weights } from "./reference/weights.ts";

const FAMILIES: Record<string, (config: Config, tensors: Tensors) => Weights> = {
  gemma2,
  gpt_neox: gptNeox,
  gpt2,
  llama,
  mistral: llama,
  opt,
  qwen2: llama,
  qwen3: llama,
};

/** Reads the folder of a tiny model on its own: its own config keys, tensor names and layouts, nothing of the engine. */
export async function readWeights(folder: string): Promise<Weights> {
  const { config, tensors } = await readFolder(folder);
  const read = FAMILIES[config.model_type];
  if (!read) throw new Error(`the reference transformer lacks ${config.model_type}`);
  return read(config, tensors);
}
