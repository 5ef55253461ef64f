import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readGguf } from "../../src/checkpoints/gguf/read-gguf.ts";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { readSafetensors } from "../../src/checkpoints/safetensors.ts";
import { EngineError } from "../../src/errors.ts";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { bytesOf, f32, safetensorsBytes, temporaryFolder, withHeader, write } from "./files.ts";
import { ggufBytes } from "./gguf/gguf-bytes.ts";

/** What the readers made room for, in bytes: all of a file that they see goes through here. */
const asked: number[] = [];
vi.mock("../../src/checkpoints/read-exactly.ts", async (original) => {
  const { readExactly } = await original<typeof import("../../src/checkpoints/read-exactly.ts")>();
  return {
    readExactly: (...given: Parameters<typeof readExactly>) => {
      asked.push(given[1].byteLength);
      return readExactly(...given);
    },
  };
});
afterEach(() => {
  asked.length = 0;
});

const folder = temporaryFolder();
const MOST_SECONDS = 5;
const NUMBERS = [0n, 1n, 7n, 255n, 2n ** 16n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

const safetensors = safetensorsBytes({
  a: f32(1, 2, 3),
  "b.weight": { dtype: "F16", shape: [2, 3], bytes: bytesOf(Uint16Array.from([1, 2, 3, 4, 5, 6])) },
  mask: { dtype: "U8", shape: [2], bytes: Uint8Array.of(1, 0) },
});
const gguf = readFileSync(path.join(import.meta.dirname, "../fixtures/gguf/models/llama-q8.gguf"));
/** Header and first tensor: mutations meet what matters more often. */
const smallGguf = ggufBytes(
  [
    ["general.architecture", { text: "llama" }],
    ["tokenizer.ggml.model", { text: "gpt2" }],
    ["tokenizer.ggml.pre", { text: "gpt-2" }],
    ["tokenizer.ggml.tokens", { texts: ["a", "b", "ab", "<end>"] }],
    ["tokenizer.ggml.token_type", { i32s: [1, 1, 1, 3] }],
    ["tokenizer.ggml.merges", { texts: ["a b"] }],
    ["tokenizer.ggml.add_bos_token", { bool: true }],
    ["tokenizer.ggml.bos_token_id", { u32: 3 }],
    ["llama.context_length", { u32: 32 }],
    ["llama.rope.freq_base", { f32: 10_000 }],
    ["general.alignment", { u32: 32 }],
  ],
  [
    { name: "a", type: 0, dimensions: [2, 2], bytes: new Uint8Array(16) },
    { name: "blk.0.attn_q.weight", type: 8, dimensions: [32, 2], bytes: new Uint8Array(68) },
  ],
);

/** One change of a file: bytes overwritten, a number of 4 or 8 bytes overwritten, an end cut off, a piece taken out or put in twice. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("byte" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({
    kind: fc.constant("number" as const),
    at: fc.nat(),
    value: fc.constantFrom(...NUMBERS),
    size: fc.constantFrom(4, 8),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("out" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("twice" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** @param within most changes lie in the first bytes, where the header is */
function mutated(bytes: Buffer, changes: readonly Change[], within: number): Buffer {
  let out = Buffer.from(bytes);
  for (const one of changes) {
    const at = one.at % Math.max(1, Math.min(out.length, within));
    if (one.kind === "byte") out[at] = one.value;
    else if (one.kind === "cut") out = out.subarray(0, at);
    else if (one.kind === "out") out = Buffer.concat([out.subarray(0, at), out.subarray(at + one.length)]);
    else if (one.kind === "twice") out = Buffer.concat([out.subarray(0, at + one.length), out.subarray(at)]);
    else {
      const number = Buffer.from(BigUint64Array.of(one.value).buffer).subarray(0, one.size);
      out.set(number.subarray(0, Math.max(0, out.length - at)), at);
    }
  }
  return out;
}

/** Reads a file made of `bytes`: it takes little time, no buffer larger than the file, and fails with nothing but an EngineError. */
async function attempt<T>(
  bytes: Uint8Array,
  name: string,
  read: (file: string) => Promise<T>,
): Promise<T | null> {
  const file = write(folder, name, bytes);
  const start = performance.now();
  asked.length = 0;
  const result = await read(file).catch((error: unknown) => {
    if (error instanceof EngineError) return null;
    throw error;
  });
  expect(performance.now() - start).toBeLessThan(MOST_SECONDS * 1000);
  expect(Math.max(0, ...asked)).toBeLessThanOrEqual(Math.max(8, bytes.length));
  return result;
}

const inside = (places: readonly { offset: number; length: number }[], size: number) => {
  for (const { offset, length } of places) expect(offset + length).toBeLessThanOrEqual(size);
  const sorted = [...places].sort((a, b) => a.offset - b.offset);
  for (const [i, { offset }] of sorted.entries())
    if (i > 0) expect(offset).toBeGreaterThanOrEqual(sorted[i - 1]!.offset + sorted[i - 1]!.length);
};
const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const runs = { numRuns: 1000 };

describe("whatever is in a safetensors file", () => {
  it("it is located inside it or refused, however its bytes are changed", async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = mutated(safetensors, list, safetensors.length);
        const found = await attempt(bytes, "a.safetensors", readSafetensors);
        if (found) inside(found.weights, bytes.length);
      }),
      runs,
    );
  });

  it("it is located inside it or refused, whatever its header says", async () => {
    const size = fc.oneof(fc.nat(16), fc.constantFrom(-1, 2 ** 53, 2 ** 60, 1.5), fc.jsonValue());
    const entry = fc.oneof(
      fc.record({
        dtype: fc.oneof(
          fc.constantFrom("F32", "F16", "BF16", "F64", "BOOL", "constructor", ["F32"]),
          fc.jsonValue(),
        ),
        shape: fc.oneof(fc.array(size, { maxLength: 3 }), fc.jsonValue()),
        data_offsets: fc.oneof(fc.tuple(size, size), fc.jsonValue()),
      }),
      fc.jsonValue(),
    );
    const header = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom("a", "__proto__", "__metadata__")),
      entry,
    );
    await fc.assert(
      fc.asyncProperty(header, fc.nat(64), async (value, data) => {
        const bytes = withHeader(value, [new Uint8Array(data)]);
        const found = await attempt(bytes, "b.safetensors", readSafetensors);
        if (found) inside(found.weights, bytes.length);
      }),
      runs,
    );
  });
});

describe("whatever is in a GGUF file", () => {
  it.each([
    ["a small one", smallGguf, smallGguf.length],
    ["the header of a model", gguf, 2600],
  ])("it is located inside it or refused, however the bytes of %s are changed", async (_, whole, within) => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = mutated(whole, list, within);
        const found = await attempt(bytes, "a.gguf", readGguf);
        if (found) inside(found.tensors, bytes.length);
      }),
      runs,
    );
  });

  it("it opens as a model or is refused", async () => {
    const weightsFolder = path.join(folder, "cache");
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        await attempt(mutated(gguf, list, 2600), "b.gguf", (file) =>
          openCheckpoint(file, "it", { weightsFolder }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("it opens as a tokenizer or is refused", async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const tokenizer = await attempt(mutated(smallGguf, list, 600), "c.gguf", openTokenizer);
        if (tokenizer) expect(tokenizer.vocabularySize).toBeLessThan(smallGguf.length);
      }),
      runs,
    );
  });
});
