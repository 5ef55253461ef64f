import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** A folder that goes away with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "recallscope-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface RawTensor {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const f32 = (...numbers: number[]): RawTensor => ({
  dtype: "F32",
  shape: [numbers.length],
  bytes: bytesOf(Float32Array.from(numbers)),
});

/** The bytes of a .safetensors file, made without the code under test. */
export function safetensorsBytes(tensors: Record<string, RawTensor>): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  return withHeader(
    header,
    Object.values(tensors).map(({ bytes }) => bytes),
  );
}

/** A file with any header, right or wrong. */
export function withHeader(header: unknown, data: Uint8Array[]): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...data]);
}

export function write(folder: string, name: string, content: string | Uint8Array | object): string {
  const file = path.join(folder, name);
  const plain = typeof content === "string" || content instanceof Uint8Array;
  writeFileSync(file, plain ? content : JSON.stringify(content));
  return file;
}
