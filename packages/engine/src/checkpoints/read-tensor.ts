import { open } from "node:fs/promises";
import type { Dtype, TensorLocation } from "./checkpoint.ts";

/** All numbers of a tensor as float32; f16 and bf16 are widened exactly. */
export async function readTensor(tensor: TensorLocation): Promise<Float32Array> {
  return readRange(tensor, 0, tensor.length);
}

/** Consecutive rows of a matrix, `[count, columns]`. */
export async function readRowRange(
  tensor: TensorLocation,
  first: number,
  count: number,
): Promise<Float32Array> {
  const rowBytes = tensor.length / tensor.shape[0]!;
  return readRange(tensor, first * rowBytes, count * rowBytes);
}

/** Some rows of a matrix, `[rows.length, columns]`, in the order asked for. */
export async function readRows(tensor: TensorLocation, rows: readonly number[]): Promise<Float32Array> {
  const [count, columns] = tensor.shape as [number, number];
  const rowBytes = tensor.length / count;
  const out = new Float32Array(rows.length * columns);
  const handle = await open(tensor.file, "r");
  try {
    const bytes = new Uint8Array(rowBytes);
    for (const [i, row] of rows.entries()) {
      if (!Number.isInteger(row) || row < 0 || row >= count)
        throw new RangeError(`row of ${tensor.name}: ${row} (allowed: 0 to ${count - 1})`);
      await handle.read(bytes, 0, rowBytes, tensor.offset + row * rowBytes);
      out.set(widen(bytes, tensor.dtype), i * columns);
    }
  } finally {
    await handle.close();
  }
  return out;
}

async function readRange(tensor: TensorLocation, from: number, length: number): Promise<Float32Array> {
  const bytes = new Uint8Array(length);
  const handle = await open(tensor.file, "r");
  try {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await handle.read(bytes, done, length - done, tensor.offset + from + done);
      if (bytesRead === 0) throw new Error(`unexpected end of ${tensor.file}`);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return widen(bytes, tensor.dtype);
}

/** Little-endian bytes of a dtype as float32, bit for bit what IEEE widening gives. */
export function widen(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  if (dtype === "F32") return new Float32Array(buffer);
  const halves = new Uint16Array(buffer);
  const bits = new Uint32Array(halves.length);
  if (dtype === "BF16") for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  else for (let i = 0; i < halves.length; i++) bits[i] = f16Bits(halves[i]!);
  return new Float32Array(bits.buffer);
}

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
