import path from "node:path";
import { describe, expect, it } from "vitest";
import { readGguf } from "../../../src/checkpoints/gguf/read-gguf.ts";
import { bytesOf, temporaryFolder, write } from "../files.ts";
import { ggufBytes, type RawGgufTensor } from "./gguf-bytes.ts";

const folder = temporaryFolder();
let count = 0;
const fileOf = (bytes: Uint8Array) => write(folder, `${count++}.gguf`, bytes);
const tensor = (name: string, values: number[], more: Partial<RawGgufTensor> = {}): RawGgufTensor => ({
  name,
  type: 0,
  dimensions: [values.length],
  bytes: bytesOf(Float32Array.from(values)),
  ...more,
});
const good = ggufBytes(
  [
    ["general.architecture", { text: "llama" }],
    ["tokens", { texts: ["a", "ö"] }],
    ["many", { u64: 2n ** 40n }],
  ],
  [tensor("a", [1, 2, 3, 4], { dimensions: [2, 2] }), tensor("b", [5])],
);
/** A file with some bytes replaced by a number. */
const patched = (at: number, value: bigint, size: 4 | 8 = 8) => {
  const bytes = Buffer.from(good);
  if (size === 4) bytes.writeUInt32LE(Number(value), at);
  else bytes.writeBigUInt64LE(value, at);
  return bytes;
};
/** Where a text begins in the good file. */
const placeOf = (text: string) => good.indexOf(text);

describe("readGguf", () => {
  it("reads metadata, and locates tensors", async () => {
    const { metadata, tensors } = await readGguf(fileOf(good));
    expect(Object.fromEntries(metadata)).toEqual({
      "general.architecture": "llama",
      tokens: ["a", "ö"],
      many: 2n ** 40n,
    });
    expect(tensors.map(({ name, type, shape, length }) => [name, type.name, shape, length])).toEqual([
      ["a", "F32", [2, 2], 16],
      ["b", "F32", [1], 4],
    ]);
    expect(good.readFloatLE(tensors[1]!.offset)).toBe(5);
    expect(tensors[0]!.offset % 32).toBe(0);
  });

  it("reads a long list whole, where its last text lies across two of the parser's pieces", async () => {
    const head = ggufBytes([["tokens", { texts: ["", ""] }]]).indexOf("tokens") + 6 + 4 + 4 + 8;
    const first = "x".repeat(2_000_000 - head - 8 - 8 - 5);
    const { metadata } = await readGguf(
      fileOf(
        ggufBytes([
          ["tokens", { texts: [first, "0123456789"] }],
          ["z", { u32: 1 }],
        ]),
      ),
    );
    expect((metadata.get("tokens") as string[])[1]).toBe("0123456789");
    expect(metadata.get("z")).toBe(1);
  });

  it.each([
    ["an empty file", Buffer.alloc(0), /does not start with GGUF/],
    ["a safetensors file", Buffer.from([8, 0, 0, 0, 0, 0, 0, 0, 123, 125]), /does not start with GGUF/],
    ["a git-lfs pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\n"), /git lfs pull/],
    ["the magic number alone", good.subarray(0, 4), /truncated: 4 bytes, the version needs 8/],
    ["an old version", patched(4, 1n, 4), /version 1 \(supported: 2 and 3, little endian\)/],
    ["big endian", patched(4, 0x03000000n, 4), /version 50331648/],
    [
      "more tensors than bytes",
      patched(8, 2n ** 62n),
      /number of tensors is 4611686018427387904 \(the rest of the file has room for \d/,
    ],
    ["a million tensors", patched(8, 1_000_000n), /number of tensors is 1000000/],
    ["more keys than bytes", patched(16, 2n ** 63n), /number of metadata keys is/],
    ["a key of gigabytes", patched(24, 2n ** 33n), /length of the metadata key 0 is 8589934592/],
    [
      "a text of gigabytes",
      patched(placeOf("llama") - 8, 2n ** 40n),
      /length of the value of "general.architecture" is/,
    ],
    [
      "a list of gigabytes",
      patched(placeOf("tokens") + 6 + 8, 2n ** 40n),
      /length of the value of "tokens" is/,
    ],
    [
      "an unknown type of value",
      patched(placeOf("tokens") + 6, 99n, 4),
      /value of "tokens" has the unknown type 99/,
    ],
    ["a list of lists", patched(placeOf("tokens") + 10, 9n, 4), /is a list of lists/],
    ["a list of an unknown type", patched(placeOf("tokens") + 10, 13n, 4), /unknown type 13/],
    ["a header cut off", good.subarray(0, 60), /truncated: 60 bytes|rest of the file has room/],
    ["a tensor cut off", good.subarray(0, good.length - 40), /truncated: \d+ bytes, tensor b needs \d+/],
    [
      "a key that is there twice",
      ggufBytes([
        ["a", { u32: 1 }],
        ["a", { u32: 2 }],
      ]),
      /metadata key "a" is there twice/,
    ],
    [
      "a key of the language",
      ggufBytes([["__proto__", { u32: 1 }]]),
      /metadata key "__proto__" is not allowed/,
    ],
    [
      "a tensor that is there twice",
      ggufBytes([], [tensor("a", [1]), tensor("a", [2])]),
      /tensor a is there twice/,
    ],
    [
      "five dimensions",
      ggufBytes([], [tensor("a", [1], { dimensions: [1, 1, 1, 1, 1] })]),
      /tensor "a" has 5 dimensions/,
    ],
    ["no dimensions", ggufBytes([], [tensor("a", [1], { dimensions: [] })]), /tensor a has shape \[\]/],
    ["an empty tensor", ggufBytes([], [tensor("a", [1], { dimensions: [0] })]), /tensor a has shape \[0\]/],
    [
      "a shape that overflows",
      ggufBytes([], [tensor("a", [1], { dimensions: [2 ** 31, 2 ** 31] })]),
      /tensor a has shape/,
    ],
    [
      "a shape of 2^63",
      ggufBytes([], [tensor("a", [1], { dimensions: [Number.MAX_SAFE_INTEGER] })]),
      /exceeds the maximum/,
    ],
    [
      "a shape larger than the file",
      ggufBytes([], [tensor("a", [1], { dimensions: [1000] })]),
      /truncated: \d+ bytes, tensor a/,
    ],
    [
      "rows that end within a block",
      ggufBytes([], [tensor("a", [1], { type: 8 })]),
      /rows of 1 \(Q8_0 needs a multiple of 32\)/,
    ],
    [
      "an overlap",
      ggufBytes([], [tensor("a", [1]), tensor("b", [2], { offset: 0 })]),
      /tensor b starts at byte 96 \(expected 128/,
    ],
    [
      "a hole",
      ggufBytes([], [tensor("a", [1]), tensor("b", [2], { offset: 64 })]),
      /tensor b starts at byte 160 \(expected 128/,
    ],
    ["an odd alignment", ggufBytes([["general.alignment", { u32: 3 }]]), /general.alignment is 3/],
    ["no alignment", ggufBytes([["general.alignment", { u32: 0 }]]), /general.alignment/],
    ["one of several shards", ggufBytes([["split.count", { u32: 3 }]]), /one of 3 shards \(join them/],
  ])("refuses %s", async (_, bytes, message) => {
    const file = fileOf(bytes);
    await expect(readGguf(file)).rejects.toMatchObject({
      code: "BAD_WEIGHTS",
      message: expect.stringMatching(message),
    });
    await expect(readGguf(file)).rejects.toThrow(path.basename(file));
  });

  it("names the type of a tensor that is not read, and what would be", async () => {
    const file = fileOf(ggufBytes([], [tensor("a", [1], { type: 10 })]));
    await expect(readGguf(file)).rejects.toMatchObject({
      code: "UNSUPPORTED_MODEL",
      message: expect.stringMatching(/tensor a has type 10 of ggml \(supported: F32, F16, BF16, Q4_0/),
    });
  });

  it("refuses what is not there, and a folder", async () => {
    await expect(readGguf(path.join(folder, "no.gguf"))).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(readGguf(folder)).rejects.toMatchObject({ code: "BAD_WEIGHTS" });
  });
});
