import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dequantize } from "../../../src/checkpoints/gguf/dequantize.ts";
import { type GgufFile, readGguf } from "../../../src/checkpoints/gguf/read-gguf.ts";
import { TENSOR_TYPES } from "../../../src/checkpoints/gguf/tensor-types.ts";
import { f16BitsOf, readTensor, widen } from "../../../src/checkpoints/read-tensor.ts";
import { readSafetensors } from "../../../src/checkpoints/safetensors.ts";
import { bytesOf } from "../files.ts";

const FIXTURES = path.join(import.meta.dirname, "../../fixtures/gguf");
const types = [...TENSOR_TYPES.values()].map(({ name }) => name);

describe("dequantize", () => {
  let gguf: GgufFile;
  beforeAll(async () => {
    gguf = await readGguf(path.join(FIXTURES, "blocks.gguf"));
  });

  it.each(types)("gives the gguf package's numbers of %s, bit for bit", async (name) => {
    const tensor = gguf.tensors.find((candidate) => candidate.name === name)!;
    const { weights } = await readSafetensors(path.join(FIXTURES, "blocks.safetensors"));
    const expected = await readTensor(weights.find((candidate) => candidate.name === name)!);
    const bytes = Uint8Array.from(
      readFileSync(gguf.file).subarray(tensor.offset, tensor.offset + tensor.length),
    );
    expect(tensor.shape).toEqual([2, 512]);
    expect(bytesOf(dequantize(bytes, tensor.type))).toEqual(bytesOf(expected));
  });
});

describe("f16BitsOf", () => {
  it("keeps every float16", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter(
      (half) => (half & 0x7c00) !== 0x7c00,
    );
    expect(f16BitsOf(widen(bytesOf(all) as Uint8Array<ArrayBuffer>, "F16"))).toEqual(all);
  });

  it("rounds to the nearest, and to even between two", () => {
    for (let half = 0; half < 0x7bff; half++) {
      const [low, high] = widen(
        bytesOf(Uint16Array.of(half, half + 1)) as Uint8Array<ArrayBuffer>,
        "F16",
      ) as unknown as [number, number];
      const middle = (low + high) / 2;
      const [below, even, above] = f16BitsOf(
        Float32Array.of(middle * (1 - 1e-6), middle, middle * (1 + 1e-6)),
      );
      expect([half, below, even, above]).toEqual([half, half, half + (half % 2), half + 1]);
    }
  });

  it("makes infinity of what is too large, and a number of nothing else", () => {
    const values = Float32Array.of(65_519, 65_520, -1e30, Number.POSITIVE_INFINITY, 1e-9, -1e-9);
    expect([...f16BitsOf(values)]).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00, 0, 0x8000]);
    expect(f16BitsOf(Float32Array.of(Number.NaN))[0]! & 0x3ff).not.toBe(0);
  });
});
