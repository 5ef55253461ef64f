import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readTensor } from "../../src/checkpoints/read-tensor.ts";
import { readSafetensors } from "../../src/checkpoints/safetensors.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors-writer.ts";
import { bytesOf, f32, safetensorsBytes, temporaryFolder, withHeader, write } from "./files.ts";

const folder = temporaryFolder();
let count = 0;
const fileOf = (bytes: Uint8Array) => write(folder, `${count++}.safetensors`, bytes);
const entry = (shape: number[], data_offsets: unknown, dtype = "F32") => ({ dtype, shape, data_offsets });
const zeros = (bytes: number) => [new Uint8Array(bytes)];

describe("readSafetensors", () => {
  it("locates weights and leaves integer and boolean buffers out", async () => {
    const bytes = safetensorsBytes({
      a: { dtype: "F32", shape: [2, 2], bytes: bytesOf(Float32Array.of(1, 2, 3, 4)) },
      "attn.bias": { dtype: "BOOL", shape: [3], bytes: Uint8Array.of(1, 0, 1) },
      b: { dtype: "BF16", shape: [1], bytes: Uint8Array.of(0x80, 0x3f) },
      ids: { dtype: "I64", shape: [1], bytes: new Uint8Array(8) },
    });
    const file = fileOf(bytes);
    const { weights, skipped } = await readSafetensors(file);
    expect(skipped).toEqual(["attn.bias", "ids"]);
    expect(weights.map(({ name, dtype, shape, length }) => ({ name, dtype, shape, length }))).toEqual([
      { name: "a", dtype: "F32", shape: [2, 2], length: 16 },
      { name: "b", dtype: "BF16", shape: [1], length: 2 },
    ]);
    const data = 8 + Number(bytes.readBigUInt64LE());
    expect(weights.map(({ offset }) => offset)).toEqual([data, data + 19]);
  });

  it("follows links, so that graphs get a real path", async () => {
    const file = fileOf(safetensorsBytes({ a: f32(1) }));
    const link = path.join(folder, "link.safetensors");
    symlinkSync(path.basename(file), link);
    expect((await readSafetensors(link)).weights[0]!.file).toBe(file);
  });

  it.each([
    ["a missing file", null, /weight file: .*missing\.safetensors is missing/],
    ["an empty file", Buffer.alloc(0), /0 bytes \(too short/],
    ["a git-lfs pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\n"), /git lfs pull/],
    [
      "a header beyond the limit",
      Buffer.concat([Buffer.alloc(7, 0xff), Buffer.alloc(9)]),
      /header of \d+ bytes \(at most 100000000/,
    ],
    [
      "a header cut off",
      Buffer.concat([Buffer.from([200, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(4)]),
      /truncated: 12 bytes, header alone needs 208/,
    ],
    ["a header that is no JSON", withHeader("{nope", []), /header is not a JSON object/],
    ["a header that is a list", withHeader([], []), /header is not a JSON object/],
    [
      "an unknown type",
      withHeader({ a: entry([1], [0, 4], "F99") }, zeros(4)),
      /tensor a has unknown type "F99"/,
    ],
    [
      "float64 weights",
      withHeader({ a: entry([1], [0, 8], "F64") }, zeros(8)),
      /tensor a has type F64 \(supported: F32, F16, BF16\)/,
    ],
    ["a negative size", withHeader({ a: entry([-1], [0, 4]) }, zeros(4)), /tensor a has shape \[-1\]/],
    [
      "offsets in the wrong order",
      withHeader({ a: entry([1], [4, 0]) }, zeros(4)),
      /tensor a has offsets \[4,0\]/,
    ],
    [
      "no offsets",
      withHeader({ a: { dtype: "F32", shape: [1] } }, zeros(4)),
      /tensor a has offsets undefined/,
    ],
    [
      "bytes that do not fit the shape",
      withHeader({ a: entry([3], [0, 8]) }, zeros(8)),
      /tensor a has 8 bytes \(shape \[3\] of F32 needs 12\)/,
    ],
    [
      "a shape that overflows",
      withHeader({ a: entry([2 ** 52, 2 ** 52], [0, 4]) }, zeros(4)),
      /tensor a has 4 bytes/,
    ],
    [
      "a hole",
      withHeader({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, zeros(12)),
      /tensor b starts at byte \d+ \(expected \d+: tensors overlap or leave a hole/,
    ],
    [
      "an overlap",
      withHeader({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, zeros(8)),
      /tensor b starts at byte/,
    ],
    [
      "a name that is there twice",
      withHeader(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        zeros(4),
      ),
      /tensor a is in the header twice/,
    ],
    [
      "a type that is a list",
      withHeader({ a: entry([1], [0, 4], ["F32"] as never) }, zeros(4)),
      /unknown type \["F32"\]/,
    ],
    [
      "a type of the language",
      withHeader({ a: entry([1], [0, 4], "constructor") }, zeros(4)),
      /unknown type "constructor"/,
    ],
    ["a tensor that is null", withHeader({ a: null }, []), /tensor a has unknown type undefined/],
    ["offsets that are a number", withHeader({ a: entry([1], 4) }, zeros(4)), /tensor a has offsets 4/],
    ["three offsets", withHeader({ a: entry([1], [0, 4, 8]) }, zeros(4)), /tensor a has offsets \[0,4,8\]/],
    [
      "offsets outside the file",
      withHeader({ a: entry([1], [400, 404]) }, zeros(4)),
      /truncated: \d+ of \d+ bytes, tensor a/,
    ],
    [
      "a header of brackets",
      withHeader(`{"a":{"dtype":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`, []),
      /unknown type nested too deep to show/,
    ],
    ["bytes at the end", withHeader({ a: entry([1], [0, 4]) }, zeros(7)), /3 bytes after the last tensor/],
  ])("refuses %s", async (_, bytes, message) => {
    const file = bytes ? fileOf(bytes) : path.join(folder, "missing.safetensors");
    await expect(readSafetensors(file)).rejects.toThrow(message);
    await expect(readSafetensors(file)).rejects.toMatchObject({
      code: "BAD_WEIGHTS",
      message: expect.stringContaining(path.basename(file)),
    });
  });

  it("says how many bytes a truncated file lacks, and where", async () => {
    const whole = safetensorsBytes({ a: f32(1, 2), b: f32(3, 4, 5), c: f32(6) });
    const file = fileOf(whole.subarray(0, whole.length - 6));
    await expect(readSafetensors(file)).rejects.toThrow(
      `truncated: ${whole.length - 6} of ${whole.length} bytes, tensor b is cut off`,
    );
  });
});

describe("writeSafetensors", () => {
  it("writes what the reader reads back, names and numbers", async () => {
    const file = path.join(folder, "out.safetensors");
    const data = Float32Array.of(1.5, -0, Number.POSITIVE_INFINITY, 3e-45, 5, 6);
    await writeSafetensors(
      file,
      [
        { name: "höok.0", shape: [2, 3], data },
        { name: "empty", shape: [0, 4], data: new Float32Array() },
        { name: "scalar", shape: [], data: Float32Array.of(7) },
      ],
      { by: "test" },
    );
    const { weights } = await readSafetensors(file);
    const byName = new Map(weights.map((tensor) => [tensor.name, tensor]));
    expect(byName.get("höok.0")!.shape).toEqual([2, 3]);
    expect(byName.get("höok.0")!.offset % 8).toBe(0);
    expect(bytesOf(await readTensor(byName.get("höok.0")!))).toEqual(bytesOf(data));
    expect(await readTensor(byName.get("scalar")!)).toEqual(Float32Array.of(7));
    expect(await readTensor(byName.get("empty")!)).toHaveLength(0);
    const header = readFileSync(file).subarray(8, 8 + Number(readFileSync(file).readBigUInt64LE()));
    expect(JSON.parse(header.toString()).__metadata__).toEqual({ by: "test" });
  });

  it("leaves the old file and nothing else behind when it fails", async () => {
    const own = temporaryFolder();
    const file = write(own, "kept.safetensors", "before");
    const bad = [{ name: "a", shape: [3], data: Float32Array.of(1) }];
    await expect(writeSafetensors(file, bad)).rejects.toThrow("tensor a: 1 numbers (shape [3] needs 3)");
    const twice = ["a", "a"].map((name) => ({ name, shape: [1], data: Float32Array.of(1) }));
    await expect(writeSafetensors(file, twice)).rejects.toThrow("tensor a: given twice");
    await expect(writeSafetensors(path.join(own, "no", "folder"), [])).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
    expect(readFileSync(file, "utf8")).toBe("before");
    expect(readdirSync(own)).toEqual(["kept.safetensors"]);
  });
});
