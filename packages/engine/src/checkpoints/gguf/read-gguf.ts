import { open, realpath } from "node:fs/promises";
import { EngineError } from "../../errors.ts";
import { badGguf, type GgufHeader, readHeader } from "./read-header.ts";
import { SUPPORTED_TYPES, TENSOR_TYPES, type TensorType } from "./tensor-types.ts";

/** A tensor as a GGUF file has it, before its name and its numbers are brought into the architecture's form. */
export interface GgufTensor {
  name: string;
  type: TensorType;
  /** Row-major, as in the field: the file lists dimensions in the opposite order. */
  shape: readonly number[];
  /** Byte offset in the file and length in bytes. */
  offset: number;
  length: number;
}

export interface GgufFile {
  /** Absolute path with symbolic links resolved. */
  file: string;
  metadata: ReadonlyMap<string, unknown>;
  tensors: readonly GgufTensor[];
}

/**
 * Metadata of a GGUF file and where its tensors lie; every count, length and offset is checked against the file.
 * @throws EngineError MODEL_NOT_FOUND, BAD_WEIGHTS for a broken file, UNSUPPORTED_MODEL for tensors of other types
 */
export async function readGguf(path: string): Promise<GgufFile> {
  const file = await realpath(path).catch(() => {
    throw new EngineError("MODEL_NOT_FOUND", `gguf file: ${path} is missing`);
  });
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    throw badGguf(file, `cannot be read (${error.code})`);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw badGguf(file, "is not a file");
    const header = await readHeader(handle, file, stats.size);
    const shards = Number(header.metadata.get("split.count") ?? 1);
    if (shards > 1)
      throw badGguf(file, `is one of ${shards} shards (join them with llama-gguf-split --merge)`);
    return { file, metadata: header.metadata, tensors: locate(header, file, stats.size) };
  } finally {
    await handle.close();
  }
}

function locate({ metadata, tensors, length: headerLength }: GgufHeader, file: string, size: number) {
  const alignment = Number(metadata.get("general.alignment") ?? 32);
  // Weights are mapped into memory where they lie, so that each must start where a number may.
  if (![8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096].includes(alignment))
    throw badGguf(file, `general.alignment is ${alignment} (supported: powers of two from 8 to 4096)`);
  const padded = (at: number) => Math.ceil(at / alignment) * alignment;
  const dataStart = padded(headerLength);
  const names = new Set<string>();
  let expected = dataStart;
  return tensors.map(({ name, shape, dtype, offset }): GgufTensor => {
    if (names.has(name)) throw badGguf(file, `tensor ${name} is there twice`);
    names.add(name);
    const type = TENSOR_TYPES.get(dtype);
    if (!type)
      throw new EngineError(
        "UNSUPPORTED_MODEL",
        `gguf file ${file}: tensor ${name} has type ${dtype} of ggml (supported: ${SUPPORTED_TYPES})`,
      );
    const dimensions = shape.map(Number).reverse();
    const count = dimensions.reduce((product, n) => product * n, 1);
    if (dimensions.length === 0 || !Number.isSafeInteger(count) || count < 1)
      throw badGguf(file, `tensor ${name} has shape [${dimensions}]`);
    const row = dimensions.at(-1)!;
    if (row % type.block !== 0)
      throw badGguf(
        file,
        `tensor ${name} has rows of ${row} (${type.name} needs a multiple of ${type.block})`,
      );
    const [start, length] = [dataStart + Number(offset), (count / type.block) * type.bytes];
    if (start !== expected)
      throw badGguf(
        file,
        `tensor ${name} starts at byte ${start} (expected ${expected}: tensors overlap or leave a hole)`,
      );
    if (start + length > size)
      throw badGguf(
        file,
        `truncated: ${size} bytes, tensor ${name} needs ${start + length} (download it again)`,
      );
    expected = padded(start + length);
    return { name, type, shape: dimensions, offset: start, length };
  });
}
