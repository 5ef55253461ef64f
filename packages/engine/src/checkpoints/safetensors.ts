import { open, realpath } from "node:fs/promises";
import { EngineError } from "../errors.ts";
import type { Dtype, TensorLocation } from "./checkpoint.ts";
import { readExactly } from "./read-exactly.ts";
import { repeatedKey } from "./repeated-key.ts";

const MAX_HEADER = 100_000_000; // the reference implementation's limit
const BYTES: Record<string, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
};
const WEIGHT_DTYPES: readonly string[] = ["F32", "F16", "BF16"] satisfies Dtype[];

interface Range {
  name: string;
  begin: number;
  end: number;
}

const bad = (file: string, what: string) =>
  new EngineError("BAD_WEIGHTS", `safetensors file ${file}: ${what}`);

export interface SafetensorsFile {
  weights: TensorLocation[];
  /** Names of integer and boolean tensors (old GPT-2 files keep their causal mask), which no graph reads. */
  skipped: string[];
}

/** Where the tensors of a .safetensors file lie; every length and offset is checked against the file. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await realpath(path).catch(() => {
    throw new EngineError("BAD_WEIGHTS", `weight file: ${path} is missing`);
  });
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    throw new EngineError("BAD_WEIGHTS", `weight file: ${file} cannot be read (${error.code})`);
  });
  try {
    const { size } = await handle.stat();
    const { header, dataStart } = await readHeader(handle, file, size);
    const weights: TensorLocation[] = [];
    const skipped: string[] = [];
    const ranges: Range[] = [];
    for (const [name, entry] of Object.entries(header)) {
      if (name === "__metadata__") continue;
      const { dtype, ...location } = locate(file, name, entry, dataStart);
      ranges.push({ name, begin: location.offset, end: location.offset + location.length });
      if (WEIGHT_DTYPES.includes(dtype)) weights.push({ ...location, dtype: dtype as Dtype });
      else if (dtype.startsWith("F")) {
        throw bad(file, `tensor ${name} has type ${dtype} (supported: ${WEIGHT_DTYPES.join(", ")})`);
      } else skipped.push(name);
    }
    checkRanges(file, ranges, dataStart, size);
    return { weights, skipped };
  } finally {
    await handle.close();
  }
}

async function readHeader(handle: Awaited<ReturnType<typeof open>>, file: string, size: number) {
  if (size < 8) throw bad(file, `${size} bytes (too short to be one; download it again)`);
  const prefix = Buffer.alloc(8);
  await readExactly(handle, prefix, 0, file);
  if (prefix.toString("latin1") === "version ")
    throw bad(file, "is a git-lfs pointer, not the weights (run git lfs pull in its repository)");
  const length = Number(prefix.readBigUInt64LE());
  if (length > MAX_HEADER)
    throw bad(file, `header of ${length} bytes (at most ${MAX_HEADER}; not a safetensors file?)`);
  if (8 + length > size)
    throw bad(file, `truncated: ${size} bytes, header alone needs ${8 + length} (download it again)`);
  const text = Buffer.alloc(length);
  await readExactly(handle, text, 8, file);
  try {
    const json = text.toString("utf8");
    const header: unknown = JSON.parse(json);
    if (header && typeof header === "object" && !Array.isArray(header)) {
      const twice = repeatedKey(json);
      if (twice === null) return { header: header as Record<string, unknown>, dataStart: 8 + length };
      throw bad(file, `tensor ${twice} is in the header twice`);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw bad(file, "header is not a JSON object (not a safetensors file?)");
}

function locate(
  file: string,
  name: string,
  entry: unknown,
  dataStart: number,
): Omit<TensorLocation, "dtype"> & { dtype: string } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const bytesEach = typeof dtype === "string" && Object.hasOwn(BYTES, dtype) ? BYTES[dtype]! : null;
  if (typeof dtype !== "string" || bytesEach === null)
    throw bad(file, `tensor ${name} has unknown type ${show(dtype)}`);
  if (!isNumbers(shape)) throw bad(file, `tensor ${name} has shape ${show(shape)}`);
  if (!isNumbers(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!)
    throw bad(file, `tensor ${name} has offsets ${show(offsets)}`);
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, n) => product * n, bytesEach);
  if (end - begin !== expected)
    throw bad(
      file,
      `tensor ${name} has ${end - begin} bytes (shape [${shape}] of ${dtype} needs ${expected})`,
    );
  return { name, dtype, shape, file, offset: dataStart + begin, length: end - begin };
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

function show(value: unknown): string {
  try {
    return String(JSON.stringify(value)).slice(0, 200);
  } catch {
    return "nested too deep to show";
  }
}

/** Tensors must follow each other without overlap or hole, to the end of the file. */
function checkRanges(file: string, ranges: Range[], dataStart: number, size: number): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const cut = ranges.find(({ end }) => end > size);
  if (cut) {
    const needed = ranges.reduce((most, { end }) => Math.max(most, end), 0);
    throw bad(
      file,
      `truncated: ${size} of ${needed} bytes, tensor ${cut.name} is cut off (download it again)`,
    );
  }
  let at = dataStart;
  for (const { name, begin, end } of ranges) {
    if (begin !== at)
      throw bad(
        file,
        `tensor ${name} starts at byte ${begin} (expected ${at}: tensors overlap or leave a hole)`,
      );
    at = end;
  }
  if (at !== size) throw bad(file, `${size - at} bytes after the last tensor (expected none)`);
}
