import { readFile } from "node:fs/promises";
import type { Golden } from "./oracle.ts";

/** Every tensor of a small safetensors file, integers included; independent of the reader under test. */
export async function readAnyTensor(file: string): Promise<Map<string, Golden>> {
  const bytes = await readFile(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString("utf8")) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const out = new Map<string, Golden>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const buffer = bytes.buffer.slice(
      bytes.byteOffset + 8 + headerLength + data_offsets[0],
      bytes.byteOffset + 8 + headerLength + data_offsets[1],
    );
    if (dtype === "F32") out.set(name, { shape, data: new Float32Array(buffer) });
    else if (dtype === "I64") out.set(name, { shape, data: Array.from(new BigInt64Array(buffer), Number) });
    else if (dtype === "I32") out.set(name, { shape, data: Array.from(new Int32Array(buffer)) });
    else if (dtype === "F16") out.set(name, { shape, data: Array.from(new Uint16Array(buffer), fromHalf) });
    else if (dtype === "BF16") out.set(name, { shape, data: Array.from(new Uint16Array(buffer), fromBrain) });
    else throw new Error(`${name}: ${dtype}`);
  }
  return out;
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** bfloat16: the upper half of a float32. */
const fromBrain = (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
