import { z } from "zod";
import { ApiError } from "../../errors.ts";
import {
  BUNDLE_VERSION,
  contentHash,
  MAX_BUNDLE,
  type Manifest,
  manifestSchema,
  metadataSchema,
  sha256,
} from "./manifest.ts";

const MAX_HEADER = 100_000_000; // as in the reference reader of the format
const WIDTH = { F32: 4, U8: 1 } as const;

const entrySchema = z.strictObject({
  dtype: z.enum(["F32", "U8"]),
  shape: z.array(z.int().nonnegative()).max(16),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
type Entry = z.infer<typeof entrySchema>;

export interface Container {
  manifest: Manifest;
  parts: Map<string, { dtype: Entry["dtype"]; shape: readonly number[]; bytes: Uint8Array }>;
}

export const badBundle = (what: string) =>
  new ApiError("BAD_BUNDLE", `bundle: ${what} (damaged, or made by something else: export the run again)`);

/**
 * Takes a bundle's file apart. Nothing is believed: every length is held against the file, every part against its checksum.
 * @throws ApiError BAD_BUNDLE, BUNDLE_VERSION
 */
export function readContainer(file: Uint8Array): Container {
  const { header, data } = readHeader(file);
  const { __metadata__, ...tensors } = header;
  const metadata = parse(metadataSchema, __metadata__, "no metadata of a Recallscope bundle");
  if (metadata.version !== String(BUNDLE_VERSION))
    throw new ApiError(
      "BUNDLE_VERSION",
      `bundle: form ${metadata.version.slice(0, 20)} (this copy reads form ${BUNDLE_VERSION}): import it with the version of Recallscope that made it`,
    );
  if (sha256(metadata.manifest) !== metadata.manifest_sha256)
    throw badBundle("the manifest does not have its checksum");
  const manifest = parse(manifestSchema, json(metadata.manifest, "manifest"), "manifest");
  const parts = new Map<string, { dtype: Entry["dtype"]; shape: readonly number[]; bytes: Uint8Array }>();
  let at = 0;
  for (const { name, bytes: size, sha256: expected } of manifest.parts) {
    if (!Object.hasOwn(tensors, name)) throw badBundle(`part ${name} is missing`);
    if (parts.has(name)) throw badBundle(`part ${name} is listed twice`);
    const { dtype, shape, data_offsets } = parse(entrySchema, tensors[name], `part ${name}`);
    const claimed = shape.reduce((product, length) => product * length, WIDTH[dtype] as number);
    if (data_offsets[0] !== at || data_offsets[1] !== at + size || claimed !== size)
      throw badBundle(`part ${name}: its place, shape and size do not agree`);
    if (at + size > data.length)
      throw badBundle(`part ${name}: ends after the file (${data.length} of ${at + size} bytes are there)`);
    const bytes = data.subarray(at, at + size);
    if (sha256(bytes) !== expected) throw badBundle(`part ${name}: does not have its checksum`);
    parts.set(name, { dtype, shape, bytes });
    at += size;
  }
  const stray = Object.keys(tensors).find((name) => !parts.has(name));
  if (stray !== undefined) throw badBundle(`part ${stray.slice(0, 100)}: is not in the manifest`);
  if (at !== data.length) throw badBundle(`${data.length - at} bytes after the last part`);
  if (contentHash(manifest) !== manifest.content) throw badBundle("the hash of its content is another one");
  return { manifest, parts };
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.length > MAX_BUNDLE)
    throw new ApiError("PAYLOAD_TOO_LARGE", `bundle: ${file.length} bytes (allowed: up to ${MAX_BUNDLE})`);
  if (file.length < 8) throw badBundle(`${file.length} bytes are too few`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER, file.length - 8)))
    throw badBundle(`its header claims ${length} bytes, ${file.length - 8} are there`);
  const start = 8 + Number(length);
  const header = json(utf8(file.subarray(8, start), "header"), "header");
  if (header === null || typeof header !== "object" || Array.isArray(header))
    throw badBundle("its header is no object");
  return { header: header as Record<string, unknown>, data: file.subarray(start) };
}

/** A part's text. @throws ApiError BAD_BUNDLE */
export function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badBundle(`${what}: is no text`);
  }
}

export function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badBundle(`${what}: is no JSON`);
  }
}

export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw badBundle(`${what}: ${[...path.map(String), message].join(": ").slice(0, 300)}`);
}
