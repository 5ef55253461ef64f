import type { LocatedCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { EngineError } from "../errors.ts";
import type { Architecture, ModelSpec } from "./architecture.ts";
import { expectedShapes } from "./expected-shapes.ts";
import { gemma2 } from "./gemma2.ts";
import { gptNeox } from "./gpt-neox.ts";
import { gpt2 } from "./gpt2.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { opt } from "./opt.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";

/** The families that can be opened; a new one is one file and one line here. */
export const ARCHITECTURES: readonly Architecture[] = [
  gpt2,
  opt,
  llama,
  mistral,
  qwen2,
  qwen3,
  gptNeox,
  gemma2,
];

/** Reads a checkpoint's config and checks that every tensor the graphs will use is there with the right shape. */
export function readModelSpec(checkpoint: Omit<LocatedCheckpoint, "source">): ModelSpec {
  const type = checkpoint.config.model_type;
  const architecture = ARCHITECTURES.find((a) => a.modelType === type);
  if (!architecture) {
    const allowed = ARCHITECTURES.map((a) => a.modelType).join(", ");
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `architecture of ${checkpoint.name}: model_type = ${JSON.stringify(type) ?? "missing"} in config.json (supported: ${allowed})`,
    );
  }
  if (checkpoint.config.quantization_config) {
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `quantised weights of ${checkpoint.name}: quantization_config in config.json (supported: plain f32, f16, bf16 safetensors)`,
    );
  }
  const spec = architecture.read(checkpoint.config, (name) => checkpoint.tensors.has(name));
  const read = new Set<string>();
  for (const { name, shape } of expectedShapes(spec)) {
    read.add(name);
    const tensor = checkpoint.tensors.get(name);
    if (!tensor) {
      throw new EngineError(
        "BAD_WEIGHTS",
        `tensor of ${checkpoint.name}: ${name} is missing (expected [${shape}])`,
      );
    }
    if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i])) {
      throw new EngineError(
        "BAD_WEIGHTS",
        `tensor ${name} in ${tensor.file}: shape [${tensor.shape}] (config.json asks for [${shape}])`,
      );
    }
  }
  refuseUnread(checkpoint, read);
  return spec;
}

/** Buffers that old files hold beside the weights. */
const BUFFERS = [/\.(attn|attention)\.(bias|masked_bias)$/, /\.rotary_emb\.inv_freq$/];
const IN_A_BLOCK = /(^|\.)(layers|h)\.\d+\./;

/** A weight of a block that nobody reads belongs to a model of another form, whatever config.json says. */
function refuseUnread(
  { name, tensors }: Pick<LocatedCheckpoint, "name" | "tensors">,
  read: ReadonlySet<string>,
): void {
  for (const tensor of tensors.keys()) {
    if (read.has(tensor) || !IN_A_BLOCK.test(tensor) || BUFFERS.some((form) => form.test(tensor))) continue;
    throw new EngineError(
      "BAD_WEIGHTS",
      `tensor ${tensor} of ${name}: config.json does not account for it (a bias, norm or layer that it does not name? The numbers would be those of another model)`,
    );
  }
}
