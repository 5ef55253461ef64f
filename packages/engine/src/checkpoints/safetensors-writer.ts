import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { EngineError } from "../errors.ts";

export interface NamedArray {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

/** A tensor whose numbers are made while they are written, in their order. */
export interface StreamedArray {
  name: string;
  shape: readonly number[];
  data: () => AsyncIterable<Float32Array>;
}

/** Writes float32 tensors as .safetensors. The file appears whole or not at all. */
export async function writeSafetensors(
  file: string,
  tensors: readonly (NamedArray | StreamedArray)[],
  metadata: Record<string, string> = {},
): Promise<void> {
  let offset = 0;
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
  for (const { name, shape, data } of tensors) {
    if (name in header) throw new RangeError(`tensor ${name}: given twice`);
    const count = shape.reduce((a, b) => a * b, 1);
    if (data instanceof Float32Array) checkCount(name, shape, data.length);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + 4 * count] };
    offset += 4 * count;
  }
  const text = JSON.stringify(header);
  const padding = -(8 + Buffer.byteLength(text)) & 7; // the reference writer starts the numbers at a multiple of 8
  const padded = Buffer.from(text + " ".repeat(padding));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(Buffer.concat([length, padded]));
      for (const { name, shape, data } of tensors) {
        let written = 0;
        for await (const part of data instanceof Float32Array ? [data] : data()) {
          await handle.writeFile(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
          written += part.length;
        }
        checkCount(name, shape, written);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw new EngineError(
      "BAD_INPUT",
      `output file ${file}: cannot be written (${(error as Error).message})`,
      { cause: error },
    );
  }
}

function checkCount(name: string, shape: readonly number[], count: number): void {
  const expected = shape.reduce((a, b) => a * b, 1);
  if (count !== expected)
    throw new RangeError(`tensor ${name}: ${count} numbers (shape [${shape}] needs ${expected})`);
}
