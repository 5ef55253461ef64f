import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { EngineError } from "../errors.ts";
import { safetensorsHeader } from "./safetensors-header.ts";

export interface NamedArray {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

/** A tensor whose numbers are made while they are written, in their order; those of F16 as their 16 bits. */
export type StreamedArray = { name: string; shape: readonly number[] } & (
  | { dtype?: "F32"; data: () => AsyncIterable<Float32Array> }
  | { dtype: "F16"; data: () => AsyncIterable<Uint16Array> }
);

/** Writes tensors as .safetensors, one after the other in the order given. The file appears whole or not at all. */
export async function writeSafetensors(
  file: string,
  tensors: readonly (NamedArray | StreamedArray)[],
  metadata: Record<string, string> = {},
): Promise<void> {
  for (const { name, shape, data } of tensors)
    if (data instanceof Float32Array) checkCount(name, shape, data.length);
  const header = safetensorsHeader(
    tensors.map((tensor) => ({
      name: tensor.name,
      dtype: ("dtype" in tensor && tensor.dtype) || "F32",
      shape: tensor.shape,
    })),
    metadata,
  );
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(header);
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
    if (error instanceof EngineError) throw error;
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
