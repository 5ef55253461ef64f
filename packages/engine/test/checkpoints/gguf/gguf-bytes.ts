/** Metadata values by the type the file gives them. */
export type Typed =
  | { u32: number }
  | { u64: bigint }
  | { i32s: readonly number[] }
  | { f32: number }
  | { f32s: readonly number[] }
  | { bool: boolean }
  | { text: string }
  | { texts: readonly string[] };

export interface RawGgufTensor {
  name: string;
  type: number;
  /** Fastest first, as in the file. */
  dimensions: readonly number[];
  bytes: Uint8Array;
  /** Where the file says that it starts; by default where it does. */
  offset?: number;
}

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number | bigint) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const list = (type: number, items: readonly Buffer[]) =>
  Buffer.concat([u32(9), u32(type), u64(items.length), ...items]);

function typed(value: Typed): Buffer {
  if ("u32" in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ("u64" in value) return Buffer.concat([u32(10), u64(value.u64)]);
  if ("f32" in value) return Buffer.concat([u32(6), Buffer.from(Float32Array.of(value.f32).buffer)]);
  if ("bool" in value) return Buffer.concat([u32(7), Buffer.of(value.bool ? 1 : 0)]);
  if ("text" in value) return Buffer.concat([u32(8), text(value.text)]);
  if ("texts" in value) return list(8, value.texts.map(text));
  if ("i32s" in value)
    return list(
      5,
      value.i32s.map((item) => Buffer.from(Int32Array.of(item).buffer)),
    );
  return list(
    6,
    value.f32s.map((item) => Buffer.from(Float32Array.of(item).buffer)),
  );
}

const padding = (length: number) => Buffer.alloc(-length & 31);

/** The bytes of a GGUF file, made without the code under test. */
export function ggufBytes(
  metadata: readonly (readonly [key: string, value: Typed])[],
  tensors: readonly RawGgufTensor[] = [],
): Buffer {
  let at = 0;
  const infos = tensors.map(({ name, type, dimensions, bytes, offset = at }) => {
    at = offset + bytes.length + padding(bytes.length).length;
    return Buffer.concat([
      text(name),
      u32(dimensions.length),
      ...dimensions.map(u64),
      u32(type),
      u64(offset),
    ]);
  });
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(metadata.length),
    ...metadata.map(([key, value]) => Buffer.concat([text(key), typed(value)])),
    ...infos,
  ]);
  const data = tensors.flatMap(({ bytes }) => [Buffer.from(bytes), padding(bytes.length)]);
  return Buffer.concat([header, padding(header.length), ...data]);
}
