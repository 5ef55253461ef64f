import { f16, widen } from "../read-tensor.ts";
import type { TensorType } from "./tensor-types.ts";

type Blocks = (bytes: Uint8Array, out: Float32Array) => void;

/**
 * The numbers of whole blocks as float32, `[blocks x block]`, those of the `gguf` Python package bit for bit: products of a float16
 * scale and small integers are exact, and sums are rounded once.
 * @param bytes aligned to 4 within its buffer where the type is F32, to 2 where it is F16 or BF16
 */
export function dequantize(
  bytes: Uint8Array<ArrayBuffer>,
  { name, block, bytes: each }: TensorType,
): Float32Array {
  if (name === "F32" || name === "F16" || name === "BF16") return widen(bytes, name);
  const blocks = BLOCKS[name];
  if (!blocks) throw new RangeError(`tensor type: ${name} (allowed: ${Object.keys(BLOCKS).join(", ")})`);
  const out = new Float32Array((bytes.length / each) * block);
  for (let i = 0, from = 0; from < bytes.length; i++, from += each)
    blocks(bytes.subarray(from, from + each), out.subarray(i * block, (i + 1) * block));
  return out;
}

const scale = (bytes: Uint8Array, at: number): number => f16(bytes[at]! | (bytes[at + 1]! << 8));

/** Low halves of 16 bytes are the first 16 numbers, high halves the last 16. */
const nibble = (bytes: Uint8Array, at: number, i: number): number =>
  i < 16 ? bytes[at + i]! & 15 : bytes[at + i - 16]! >> 4;

/** Bit i of 32 bits that lie from `at` on. */
const bit = (bytes: Uint8Array, at: number, i: number): number => (bytes[at + (i >> 3)]! >> (i & 7)) & 1;

const BLOCKS: Record<string, Blocks> = {
  Q4_0(bytes, out) {
    const d = scale(bytes, 0);
    for (let i = 0; i < 32; i++) out[i] = d * (nibble(bytes, 2, i) - 8);
  },
  Q4_1(bytes, out) {
    const [d, m] = [scale(bytes, 0), scale(bytes, 2)];
    for (let i = 0; i < 32; i++) out[i] = d * nibble(bytes, 4, i) + m;
  },
  Q5_0(bytes, out) {
    const d = scale(bytes, 0);
    for (let i = 0; i < 32; i++) out[i] = d * ((nibble(bytes, 6, i) | (bit(bytes, 2, i) << 4)) - 16);
  },
  Q5_1(bytes, out) {
    const [d, m] = [scale(bytes, 0), scale(bytes, 2)];
    for (let i = 0; i < 32; i++) out[i] = d * (nibble(bytes, 8, i) | (bit(bytes, 4, i) << 4)) + m;
  },
  Q8_0(bytes, out) {
    const d = scale(bytes, 0);
    for (let i = 0; i < 32; i++) out[i] = d * ((bytes[2 + i]! << 24) >> 24);
  },
  Q4_K(bytes, out) {
    const [d, dmin] = [scale(bytes, 0), scale(bytes, 2)];
    for (let group = 0; group < 8; group++) {
      const [own, min] = groupScales(bytes, group);
      const [from, shift] = [16 + 32 * (group >> 1), 4 * (group & 1)];
      for (let i = 0; i < 32; i++)
        out[32 * group + i] = d * own * ((bytes[from + i]! >> shift) & 15) - dmin * min;
    }
  },
  Q5_K(bytes, out) {
    const [d, dmin] = [scale(bytes, 0), scale(bytes, 2)];
    for (let group = 0; group < 8; group++) {
      const [own, min] = groupScales(bytes, group);
      const [from, shift] = [48 + 32 * (group >> 1), 4 * (group & 1)];
      for (let i = 0; i < 32; i++) {
        const high = ((bytes[16 + i]! >> group) & 1) << 4;
        out[32 * group + i] = d * own * (((bytes[from + i]! >> shift) & 15) | high) - dmin * min;
      }
    }
  },
  Q6_K(bytes, out) {
    const d = scale(bytes, 208);
    for (let half = 0; half < 2; half++)
      for (let quarter = 0; quarter < 4; quarter++) {
        const low = 64 * half + 32 * (quarter & 1);
        for (let i = 0; i < 32; i++) {
          const at = 128 * half + 32 * quarter + i;
          const high = (bytes[128 + 32 * half + i]! >> (2 * quarter)) & 3;
          const value = ((bytes[low + i]! >> (4 * (quarter >> 1))) & 15) | (high << 4);
          out[at] = d * ((bytes[192 + (at >> 4)]! << 24) >> 24) * (value - 32);
        }
      }
  },
};

/** The 6-bit scale and minimum of one of the eight groups of a K block, packed into the 12 bytes from byte 4 on. */
function groupScales(bytes: Uint8Array, group: number): [scale: number, min: number] {
  if (group < 4) return [bytes[4 + group]! & 63, bytes[8 + group]! & 63];
  const low = bytes[8 + group]!;
  return [(low & 15) | ((bytes[group]! >> 2) & 48), (low >> 4) | ((bytes[4 + group]! >> 2) & 48)];
}
