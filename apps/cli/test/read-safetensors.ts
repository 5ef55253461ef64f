import { readFile } from "node:fs/promises";

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The float32 tensors of a safetensors file by name; written after the format's own description, apart from the product's reader. */
export async function readSafetensors(
  file: string,
): Promise<Map<string, { shape: number[]; values: Float32Array }>> {
  const bytes = await readFile(file);
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  const header: Record<string, Entry> = JSON.parse(bytes.toString("utf8", 8, headerEnd));
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    if (dtype !== "F32") throw new Error(`${name} is ${dtype}, expected F32`);
    const [start, end] = data_offsets;
    const values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + headerEnd + start, bytes.byteOffset + headerEnd + end),
    );
    if (values.length !== shape.reduce((product, size) => product * size, 1))
      throw new Error(`${name}: size`);
    tensors.set(name, { shape, values });
  }
  return tensors;
}
