import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type NamedArray,
  writeSafetensors,
} from "../../../packages/engine/src/checkpoints/safetensors-writer.ts";
import { normalFrom, seededRandom } from "../../../packages/engine/src/math/random.ts";
import type { Shape } from "./shape.ts";

/**
 * Standard deviations of the weights. Larger than GPT-2's initial 0.02, so that heads attend to something and a patched head moves a logit
 * difference by hundredths to tenths: far above rounding, as in a trained model.
 */
const DEVIATION = { embedding: 0.05, position: 0.02, attention: 0.05, mlp: 0.03, bias: 0.02, gain: 0.05 };

/** Raised when the numbers change: an older folder is then made again. */
const RECIPE = 1;

/** A seeded random model in Hugging Face format, made once and kept. @returns its folder */
export async function randomModel(shape: Shape, cache: string): Promise<string> {
  const { layers, heads, width, vocabulary, positions } = shape;
  const name = `gpt2-r${RECIPE}-${[layers, heads, width, vocabulary, positions].join("x")}`;
  const folder = path.join(cache, "models", name);
  if (await exists(path.join(folder, "model.safetensors"))) return folder;
  const partial = `${folder}.${process.pid}.part`;
  await mkdir(partial, { recursive: true });
  await writeFile(path.join(partial, "config.json"), `${JSON.stringify(config(shape), null, 2)}\n`);
  await writeSafetensors(path.join(partial, "model.safetensors"), weights(shape), { format: "pt" });
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return folder;
}

const config = ({ layers, heads, width, vocabulary, positions }: Shape) => ({
  architectures: ["GPT2LMHeadModel"],
  model_type: "gpt2",
  activation_function: "gelu_new",
  n_layer: layers,
  n_head: heads,
  n_embd: width,
  n_positions: positions,
  n_ctx: positions,
  vocab_size: vocabulary,
  layer_norm_epsilon: 1e-5,
  attn_pdrop: 0,
  embd_pdrop: 0,
  resid_pdrop: 0,
  tie_word_embeddings: true,
  // The vocabulary of a small shape has no such token.
  bos_token_id: Math.min(50256, vocabulary - 1),
  eos_token_id: Math.min(50256, vocabulary - 1),
});

function weights({ layers, width, vocabulary, positions }: Shape): NamedArray[] {
  const out: NamedArray[] = [];
  const normal = (name: string, shape: number[], deviation: number, mean = 0) => {
    const next = normalFrom(seededRandom(`benchmark ${name}`));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < data.length; i++) data[i] = mean + deviation * next();
    out.push({ name: `transformer.${name}`, shape, data });
  };
  const norm = (name: string) => {
    normal(`${name}.weight`, [width], DEVIATION.gain, 1);
    normal(`${name}.bias`, [width], DEVIATION.bias);
  };
  const linear = (name: string, inner: number, outer: number, deviation: number) => {
    normal(`${name}.weight`, [inner, outer], deviation);
    normal(`${name}.bias`, [outer], DEVIATION.bias);
  };
  normal("wte.weight", [vocabulary, width], DEVIATION.embedding);
  normal("wpe.weight", [positions, width], DEVIATION.position);
  for (let layer = 0; layer < layers; layer++) {
    norm(`h.${layer}.ln_1`);
    linear(`h.${layer}.attn.c_attn`, width, 3 * width, DEVIATION.attention);
    linear(`h.${layer}.attn.c_proj`, width, width, DEVIATION.attention);
    norm(`h.${layer}.ln_2`);
    linear(`h.${layer}.mlp.c_fc`, width, 4 * width, DEVIATION.mlp);
    linear(`h.${layer}.mlp.c_proj`, 4 * width, width, DEVIATION.mlp);
  }
  norm("ln_f");
  return out;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
