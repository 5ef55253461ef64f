import { type FileHandle, open } from "node:fs/promises";
import { readExactly } from "../read-exactly.ts";
import { dequantize } from "./dequantize.ts";
import type { NamedTensor } from "./names.ts";
import { badGguf } from "./read-header.ts";

export interface Heads {
  heads: number;
  kvHeads: number;
}

/** Consecutive rows of a tensor in the file, and how they are sorted after reading. */
interface Piece {
  first: number;
  count: number;
  /** For a row of the result the row of the piece. */
  order?: (row: number) => number;
}

/** Numbers that are unpacked at once, unless a row or a head has more. */
const CHUNK = 1 << 20;

/**
 * The numbers of a tensor in the architecture's form, in their order, some rows at a time; a transposed matrix in one piece.
 * @throws EngineError BAD_WEIGHTS where a number is NaN or infinite, or the heads do not fit the rows
 */
export async function* restore(file: string, named: NamedTensor, heads: Heads): AsyncGenerator<Float32Array> {
  const { change } = named;
  const { count, width } = rowsOf(named, file);
  const handle = await open(file, "r");
  try {
    if (change === "transposed") {
      yield transpose(await readRows(handle, file, named, { first: 0, count }, width), count, width);
      return;
    }
    for (const piece of pieces(named, heads, count, width, file)) {
      const values = await readRows(handle, file, named, piece, width);
      if (change === "plusOne") for (let i = 0; i < values.length; i++) values[i]! -= 1;
      yield piece.order ? sorted(values, piece.order, width) : values;
    }
  } finally {
    await handle.close();
  }
}

/** The numbers of a vector are rows of their own. */
function rowsOf({ tensor: { name, shape, type }, change }: NamedTensor, file: string) {
  const numbers = shape.reduce((a, b) => a * b, 1);
  if (shape.length > 1) return { count: shape[0]!, width: numbers / shape[0]! };
  if (change === "none" || type.block === 1) return { count: numbers / type.block, width: type.block };
  throw badGguf(file, `tensor ${name} is a vector of type ${type.name} (expected F32, F16 or BF16)`);
}

function* pieces(
  { change, tensor }: NamedTensor,
  { heads, kvHeads }: Heads,
  count: number,
  width: number,
  file: string,
): Generator<Piece> {
  const share = (parts: number): number => {
    if (count % parts === 0) return count / parts;
    throw badGguf(file, `tensor ${tensor.name} has ${count} rows (expected a multiple of ${parts})`);
  };
  if (change === "fused") {
    const rows = share(3 * heads);
    for (let head = 0; head < heads; head++)
      for (let part = 0; part < 3; part++) yield { first: (part * heads + head) * rows, count: rows };
    return;
  }
  if (typeof change === "object") {
    const groups = change.rotaryPairsOf === "heads" ? heads : kvHeads;
    const half = share(2 * groups);
    const order = (row: number) => (row < half ? 2 * row : 2 * (row - half) + 1);
    for (let head = 0; head < groups; head++) yield { first: 2 * half * head, count: 2 * half, order };
    return;
  }
  const most = Math.max(1, Math.floor(CHUNK / width));
  for (let first = 0; first < count; first += most) yield { first, count: Math.min(most, count - first) };
}

async function readRows(
  handle: FileHandle,
  file: string,
  { tensor: { name, offset, type } }: NamedTensor,
  { first, count }: Piece,
  width: number,
): Promise<Float32Array> {
  const rowBytes = (width / type.block) * type.bytes;
  const bytes = new Uint8Array(count * rowBytes);
  await readExactly(handle, bytes, offset + first * rowBytes, file);
  const values = dequantize(bytes, type);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw badGguf(
    file,
    `tensor ${name}: number ${first * width + bad} is NaN or infinite (download the file again)`,
  );
}

function sorted(values: Float32Array, order: (row: number) => number, width: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row * width < values.length; row++) {
    const from = order(row) * width;
    out.set(values.subarray(from, from + width), row * width);
  }
  return out;
}

/** `[rows, columns]` to `[columns, rows]`. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]!;
  return out;
}
