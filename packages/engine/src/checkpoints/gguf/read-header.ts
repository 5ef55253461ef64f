import type { FileHandle } from "node:fs/promises";
import { type GGUFTensorInfo, gguf } from "@huggingface/gguf";
import { EngineError } from "../../errors.ts";
import { readExactly } from "../read-exactly.ts";
import { BadHeader, type HeaderExtent, headerExtent, NeedMore } from "./header-extent.ts";

export interface GgufHeader {
  metadata: ReadonlyMap<string, unknown>;
  tensors: readonly GGUFTensorInfo[];
  /** Bytes from the file's start to the last one of the header. */
  length: number;
}

const FIRST_READ = 1 << 20;
/** The parser's own limit is 50 MB; vocabularies of 256,000 tokens need 10. */
const MAX_HEADER = 48_000_000;
/** The keys that the parser adds. */
const COUNTS = ["version", "tensor_count", "kv_count"];

export const badGguf = (file: string, what: string, options?: ErrorOptions): EngineError =>
  new EngineError("BAD_WEIGHTS", `gguf file ${file}: ${what}`, options);

/** Metadata and tensor list of an open GGUF file of `size` bytes. @throws EngineError BAD_WEIGHTS */
export async function readHeader(handle: FileHandle, file: string, size: number): Promise<GgufHeader> {
  const { bytes, extent } = await readChecked(handle, file, size);
  const parsed = await parse(bytes, size).catch((error: Error) => {
    throw badGguf(file, `header cannot be read: ${error.message}`, { cause: error });
  });
  const metadata = new Map(Object.entries(parsed.metadata as Record<string, unknown>));
  for (const key of COUNTS) metadata.delete(key);
  const odd = [...extent.lastStrings.keys()].find((key) => !metadata.has(key));
  if (odd !== undefined) throw badGguf(file, `metadata key ${JSON.stringify(odd)} is not allowed`);
  mendLastStrings(metadata, bytes, extent);
  return { metadata, tensors: parsed.tensorInfos, length: extent.length };
}

async function readChecked(handle: FileHandle, file: string, size: number) {
  let length = Math.min(size, FIRST_READ);
  for (;;) {
    const bytes = new Uint8Array(length);
    await readExactly(handle, bytes, 0, file);
    const magic = Buffer.from(bytes.subarray(0, 8)).toString("latin1");
    if (magic === "version ")
      throw badGguf(file, "is a git-lfs pointer, not the weights (run git lfs pull in its repository)");
    if (magic.slice(0, 4) !== "GGUF") throw badGguf(file, "does not start with GGUF (is it one?)");
    try {
      return { bytes, extent: headerExtent(bytes, size) };
    } catch (error) {
      if (error instanceof BadHeader) throw badGguf(file, error.message);
      if (!(error instanceof NeedMore)) throw error;
      if (error.upTo > MAX_HEADER)
        throw badGguf(file, `header of ${error.upTo} bytes or more (at most ${MAX_HEADER})`);
      length = Math.min(size, Math.max(error.upTo, 2 * length));
    }
  }
}

/** The parser is given the bytes that have been checked, and no way to ask for others. */
async function parse(bytes: Uint8Array<ArrayBuffer>, size: number) {
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get("range") ?? "");
    const [from, to] = [Number(range?.[1]), Number(range?.[2])];
    return new Response(bytes.subarray(from, to + 1), {
      status: 206,
      headers: { "content-range": `bytes ${from}-${to}/${size}` },
    });
  };
  return gguf("https://localhost/model.gguf", { fetch });
}

/** The parser reads in pieces, and cuts the string that ends a value where a piece ends in it. */
function mendLastStrings(
  metadata: Map<string, unknown>,
  bytes: Uint8Array,
  { lastStrings }: HeaderExtent,
): void {
  for (const [key, [start, end]] of lastStrings) {
    if (start === end) continue;
    const value = metadata.get(key);
    const whole = new TextDecoder().decode(bytes.subarray(start, end));
    if (Array.isArray(value)) value[value.length - 1] = whole;
    else metadata.set(key, whole);
  }
}
