import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { EngineError } from "../errors.ts";

export interface NamedArray {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

/** Writes float32 tensors as .safetensors. The file appears whole or not at all. */
export async function writeSafetensors(
  file: string,
  tensors: readonly NamedArray[],
  metadata: Record<string, string> = {},
): Promise<void> {
  let offset = 0;
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
  for (const { name, shape, data } of tensors) {
    if (name in header) throw new RangeError(`tensor ${name}: given twice`);
    const count = shape.reduce((a, b) => a * b, 1);
    if (count !== data.length)
      throw new RangeError(`tensor ${name}: ${data.length} numbers (shape [${shape}] needs ${count})`);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
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
      for (const { data } of tensors)
        await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
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
