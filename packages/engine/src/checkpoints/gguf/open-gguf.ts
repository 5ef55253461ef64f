import { EngineError } from "../../errors.ts";
import type { Checkpoint, Dtype, TensorLocation, TensorShape } from "../checkpoint.ts";
import { readTensor } from "../read-tensor.ts";
import { fileHash, weightHash } from "../weight-hash.ts";
import { FAMILIES } from "./families.ts";
import { GgufMetadata } from "./metadata.ts";
import { type NamedTensor, nameTensors } from "./names.ts";
import { type GgufFile, readGguf } from "./read-gguf.ts";
import { badGguf } from "./read-header.ts";
import { type RestoreOptions, restoredTensors } from "./restored-file.ts";

interface LocatedGguf extends Pick<Checkpoint, "name" | "source" | "config" | "types"> {
  file: string;
  tensors: ReadonlyMap<string, TensorShape>;
  named: readonly NamedTensor[];
}

/** A GGUF file's config and tensors by the architecture's names; nothing is unpacked. */
export async function locateGguf(source: string, name: string): Promise<LocatedGguf> {
  const gguf = await readGguf(source);
  const { file, tensors } = gguf;
  const family = FAMILIES.find((known) => known.name === gguf.metadata.get("general.architecture"));
  if (!family) {
    const given = JSON.stringify(gguf.metadata.get("general.architecture")) ?? "missing";
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `architecture of ${name}: general.architecture = ${given.slice(0, 100)} in ${file} (supported in GGUF files: ${FAMILIES.map((known) => known.name).join(", ")})`,
    );
  }
  const metadata = new GgufMetadata(gguf, await ropeFactors(gguf));
  const config = family.config(metadata);
  metadata.finish();
  const named = nameTensors(tensors, family, file);
  return {
    name,
    source,
    file,
    config,
    types: [...new Set(tensors.map(({ type }) => type.name))].sort(),
    named,
    tensors: new Map(named.map((tensor) => [tensor.name, { name: tensor.name, shape: tensor.shape, file }])),
  };
}

/** Opens a GGUF file as a model. Tensors that graphs can read where they lie stay there, the others are unpacked into the cache. */
export async function openGguf(source: string, name: string, options: RestoreOptions): Promise<Checkpoint> {
  const { file, named, ...located } = await locateGguf(source, name);
  const changed = named.filter((tensor) => !isReadable(tensor));
  const tensors = new Map(named.filter(isReadable).map((tensor) => [tensor.name, locationOf(tensor, file)]));
  if (changed.length > 0) {
    const heads = Number(located.config.num_attention_heads ?? located.config.n_head);
    const kvHeads = Number(located.config.num_key_value_heads ?? heads);
    const hash = await fileHash(file);
    for (const tensor of await restoredTensors(file, hash, changed, { heads, kvHeads }, options))
      tensors.set(tensor.name, tensor);
  }
  return { ...located, tensors, weightHash: await weightHash([file]) };
}

const WEIGHT_TYPES: readonly string[] = ["F32", "F16", "BF16"] satisfies Dtype[];

const isReadable = ({ change, tensor }: NamedTensor): boolean =>
  change === "none" && WEIGHT_TYPES.includes(tensor.type.name);

const locationOf = ({ name, shape, tensor }: NamedTensor, file: string): TensorLocation => ({
  name,
  dtype: tensor.type.name as Dtype,
  shape,
  file,
  offset: tensor.offset,
  length: tensor.length,
});

async function ropeFactors({ file, tensors }: GgufFile): Promise<Float32Array | null> {
  const tensor = tensors.find(({ name }) => name === "rope_freqs.weight");
  if (!tensor) return null;
  const { name, type, shape } = tensor;
  if (type.name !== "F32" || shape.length !== 1)
    throw badGguf(
      file,
      `tensor ${name} has type ${type.name} and shape [${shape}] (expected a vector of F32)`,
    );
  return readTensor({ ...tensor, file, dtype: "F32" });
}
