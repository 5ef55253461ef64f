/** Types of the tensors that are written: numbers, and bytes (texts inside a file of tensors). */
export type WrittenDtype = "F32" | "F16" | "U8";
const BYTES: Record<WrittenDtype, number> = { F32: 4, F16: 2, U8: 1 };

export interface WrittenTensor {
  name: string;
  dtype: WrittenDtype;
  shape: readonly number[];
}

/**
 * The beginning of a .safetensors file: length and JSON header, padded so that the numbers start at a multiple of 8 bytes. The
 * tensors' bytes follow in the order given, without gaps.
 * @throws RangeError when a name is given twice or is the format's own
 */
export function safetensorsHeader(
  tensors: readonly WrittenTensor[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
  for (const { name, dtype, shape } of tensors) {
    if (name in header) throw new RangeError(`tensor ${name}: given twice`);
    const end = offset + BYTES[dtype] * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header);
  const padding = -(8 + Buffer.byteLength(text)) & 7; // the reference writer does so
  const padded = Buffer.from(text + " ".repeat(padding));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}
