import { open } from "node:fs/promises";
import type { Dtype, TensorLocation } from "./checkpoint.ts";
import { readExactly } from "./read-exactly.ts";

/** All numbers of a tensor as float32; f16 and bf16 are widened exactly. */
export async function readTensor(tensor: TensorLocation): Promise<Float32Array> {
  return readBytes(tensor, [0], tensor.length);
}

/** Consecutive rows of a matrix, `[count, columns]`. */
export async function readRowRange(
  tensor: TensorLocation,
  first: number,
  count: number,
): Promise<Float32Array> {
  checkRows(tensor, count === 0 ? [] : [first, first + count - 1]);
  const rowBytes = bytesPerRow(tensor);
  return readBytes(tensor, [first * rowBytes], count * rowBytes);
}

/** Some rows of a matrix, `[rows.length, columns]`, in the order asked for. */
export async function readRows(tensor: TensorLocation, rows: readonly number[]): Promise<Float32Array> {
  checkRows(tensor, rows);
  const rowBytes = bytesPerRow(tensor);
  return readBytes(
    tensor,
    rows.map((row) => row * rowBytes),
    rowBytes,
  );
}

const bytesPerRow = ({ length, shape }: TensorLocation): number => (shape[0] ? length / shape[0] : 0);

function checkRows({ name, shape }: TensorLocation, rows: readonly number[]): void {
  const count = shape[0] ?? 0;
  for (const row of rows) {
    if (!Number.isInteger(row) || row < 0 || row >= count)
      throw new RangeError(`row of ${name}: ${row} (allowed: 0 to ${count - 1})`);
  }
}

async function readBytes(
  tensor: TensorLocation,
  starts: readonly number[],
  length: number,
): Promise<Float32Array> {
  const bytes = new Uint8Array(starts.length * length);
  const handle = await open(tensor.file, "r");
  try {
    for (const [i, start] of starts.entries())
      await readExactly(
        handle,
        bytes.subarray(i * length, (i + 1) * length),
        tensor.offset + start,
        tensor.file,
      );
  } finally {
    await handle.close();
  }
  return widen(bytes, tensor.dtype);
}

/** Little-endian bytes of a dtype (aligned to its size) as float32, bit for bit what IEEE widening gives; f32 shares the memory. */
export function widen(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const bits = new Uint32Array(halves.length);
  if (dtype === "BF16") for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  else for (let i = 0; i < halves.length; i++) bits[i] = f16Bits(halves[i]!);
  return new Float32Array(bits.buffer);
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** A float16 given by its 16 bits. */
export const f16 = (half: number): number => asFloat(f16Bits(half));

function f16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // normalise a subnormal: its leading bit becomes the hidden one
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** Float32 numbers rounded to float16, to the nearest and to even between two; what is too large becomes infinite. */
export function f16BitsOf(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) halves[i] = roundToF16(words[i]!);
  return halves;
}

function roundToF16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13);
  // Below the normal numbers, float16 counts in steps of 2^-24.
  const steps = asFloat(size) * 2 ** 24;
  const down = Math.floor(steps);
  const up = steps - down > 0.5 || (steps - down === 0.5 && down % 2 === 1);
  return sign | (down + (up ? 1 : 0));
}

function asFloat(bits: number): number {
  word[0] = bits;
  return float[0]!;
}
