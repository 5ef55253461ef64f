import { mkdir, readdir, stat, statfs, unlink } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../../errors.ts";
import type { TensorLocation } from "../checkpoint.ts";
import { f16BitsOf } from "../read-tensor.ts";
import { readSafetensors } from "../safetensors.ts";
import { type StreamedArray, writeSafetensors } from "../safetensors-writer.ts";
import type { NamedTensor } from "./names.ts";
import { badGguf } from "./read-header.ts";
import { type Heads, restore } from "./restore.ts";
import { weightsFolderOf } from "./weights-folder.ts";

export interface RestoreOptions {
  /** Where weights that graphs cannot read as they are in the file are kept in another form; default ~/.cache/recallscope. */
  weightsFolder?: string;
  /** Called while that form is made, with bytes. */
  onRestore?: (file: string, done: number, total: number) => void;
  /** Stops the making; what was written goes away. */
  signal?: AbortSignal | undefined;
}

/** Raised whenever the same file would give other numbers. */
const FORM = 1;
/** Milliseconds after which what another process has begun is taken for abandoned. */
const ABANDONED = 24 * 3600_000;

/**
 * Tensors of a GGUF file in the architecture's form, in a safetensors file of the cache that is made once for each content: quantised ones, and those of
 * float16, as float16, others as float32.
 * @param hash sha-256 of the GGUF file
 * @throws EngineError CANCELLED, BAD_INPUT where the folder cannot be written or its disk is too full
 */
export async function restoredTensors(
  file: string,
  hash: string,
  tensors: readonly NamedTensor[],
  heads: Heads,
  { weightsFolder = weightsFolderOf({}), onRestore, signal }: RestoreOptions,
): Promise<readonly TensorLocation[]> {
  const folder = path.resolve(weightsFolder, "gguf");
  const cached = path.join(folder, `${hash}-${FORM}.safetensors`);
  const found = await readCached(cached, tensors);
  if (found) return found;
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new EngineError(
      "BAD_INPUT",
      `weights cache: ${folder} cannot be made (${error.code}; set RECALLSCOPE_CACHE to another folder)`,
    );
  });
  await removeAbandoned(folder);
  const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  await checkSpace(folder, file, total);
  let done = 0;
  const onBytes = (bytes: number) => {
    if (signal?.aborted) throw new EngineError("CANCELLED", `unpacking of ${file}: cancelled`);
    done += bytes;
    onRestore?.(path.basename(file), done, total);
  };
  // Numbers of 4 bytes first: each tensor then starts at a multiple of its numbers' size.
  const inOrder = [...tensors].sort((a, b) => Number(isHalf(a)) - Number(isHalf(b)));
  await writeSafetensors(
    cached,
    inOrder.map((tensor) => streamed(file, tensor, heads, onBytes)),
    { source: path.basename(file), sha256: hash },
  );
  return (await readSafetensors(cached)).weights;
}

const isHalf = ({ tensor: { type } }: NamedTensor): boolean => type.name === "F16" || type.block > 1;

const bytesOf = (tensor: NamedTensor): number => tensor.shape.reduce((a, b) => a * b, isHalf(tensor) ? 2 : 4);

function streamed(
  file: string,
  tensor: NamedTensor,
  heads: Heads,
  onBytes: (bytes: number) => void,
): StreamedArray {
  const { name, shape } = tensor;
  async function* whole() {
    for await (const values of restore(file, tensor, heads)) {
      yield values;
      onBytes(values.byteLength);
    }
  }
  async function* half() {
    for await (const values of restore(file, tensor, heads)) {
      const bits = f16BitsOf(values);
      if (bits.findIndex((value) => (value & 0x7c00) === 0x7c00) >= 0)
        throw badGguf(
          file,
          `tensor ${tensor.tensor.name} has numbers beyond 65504, which float16 cannot hold`,
        );
      yield bits;
      onBytes(bits.byteLength);
    }
  }
  return isHalf(tensor) ? { name, shape, dtype: "F16", data: half } : { name, shape, data: whole };
}

/** @returns null where the file is not there, or not whole: it is made again */
async function readCached(cached: string, tensors: readonly NamedTensor[]) {
  const found = await readSafetensors(cached).catch((error: unknown) => {
    if (error instanceof EngineError) return null;
    throw error;
  });
  const shapes = new Map(found?.weights.map(({ name, shape }) => [name, String(shape)]));
  return found && tensors.every(({ name, shape }) => shapes.get(name) === String(shape))
    ? found.weights
    : null;
}

async function checkSpace(folder: string, file: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed <= free) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new EngineError(
    "BAD_INPUT",
    `weights cache: ${gigabytes(needed)} are needed to unpack ${file}, but the disk of ${folder} has ${gigabytes(free)} free (make room, or set RECALLSCOPE_CACHE to a folder of another disk)`,
  );
}

/** A process that was killed leaves what it had written. */
async function removeAbandoned(folder: string): Promise<void> {
  const parts = (await readdir(folder)).filter((name) => name.endsWith(".part"));
  for (const part of parts) {
    const file = path.join(folder, part);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ABANDONED) await unlink(file).catch(() => {});
  }
}
