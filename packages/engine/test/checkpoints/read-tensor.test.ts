import { truncateSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkFinite } from "../../src/checkpoints/check-finite.ts";
import type { Checkpoint, Dtype } from "../../src/checkpoints/checkpoint.ts";
import { readRowRange, readRows, readTensor, widen } from "../../src/checkpoints/read-tensor.ts";
import { readSafetensors } from "../../src/checkpoints/safetensors.ts";
import { bytesOf, safetensorsBytes, temporaryFolder, write } from "./files.ts";

const folder = temporaryFolder();
let count = 0;

async function tensorOf(dtype: Dtype, shape: number[], values: ArrayBufferView) {
  const bytes = safetensorsBytes({
    first: { dtype: "F16", shape: [1], bytes: Uint8Array.of(0, 0) },
    it: { dtype, shape, bytes: bytesOf(values) },
  });
  const { weights } = await readSafetensors(write(folder, `${count++}.safetensors`, bytes));
  return weights[1]!;
}

const all16 = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe("widening", () => {
  it("is exact for every f16 number", async () => {
    const widened = await readTensor(await tensorOf("F16", [65536], all16));
    for (let bits = 0; bits < 65536; bits++) {
      const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
      let value = sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
      if (exponent === 0) value = sign * 2 ** -14 * (fraction / 1024);
      if (exponent === 31) value = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
      if (!Object.is(widened[bits], value)) expect(widened[bits], `bits ${bits.toString(16)}`).toBe(value);
    }
  });

  it("puts the bits of every bf16 number in front", async () => {
    const bits = new Uint32Array((await readTensor(await tensorOf("BF16", [65536], all16))).buffer);
    expect(bits.every((word, i) => word === i * 65536)).toBe(true);
  });

  it("leaves f32 as it is", () => {
    const bytes = Uint8Array.of(1, 2, 3, 0xff, 0, 0, 0, 0x80);
    expect(bytesOf(widen(bytes, "F32"))).toEqual(bytes);
  });
});

describe("rows", () => {
  const matrix = Float32Array.from({ length: 12 }, (_, i) => i);

  it("come in the order asked for, repeats included", async () => {
    const tensor = await tensorOf("F32", [4, 3], matrix);
    expect([...(await readRows(tensor, [3, 0, 3]))]).toEqual([9, 10, 11, 0, 1, 2, 9, 10, 11]);
    expect([...(await readRows(tensor, []))]).toEqual([]);
    expect([...(await readRowRange(tensor, 1, 2))]).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it("are refused outside the matrix, with the range", async () => {
    const tensor = await tensorOf("F32", [4, 3], matrix);
    for (const row of [-1, 4, 1.5])
      await expect(readRows(tensor, [0, row])).rejects.toThrow(`row of it: ${row} (allowed: 0 to 3)`);
    await expect(readRowRange(tensor, 3, 2)).rejects.toThrow("row of it: 4");
  });

  it("are refused when the file shrank meanwhile", async () => {
    const tensor = await tensorOf("F32", [4, 3], matrix);
    truncateSync(tensor.file, tensor.offset + 20);
    await expect(readTensor(tensor)).rejects.toMatchObject({
      code: "BAD_WEIGHTS",
      message: expect.stringContaining("ends at byte"),
    });
  });
});

describe("checkFinite", () => {
  const check = async (dtype: Dtype, values: ArrayBufferView, length: number) => {
    const tensor = await tensorOf(dtype, [length], values);
    const checkpoint: Checkpoint = {
      name: "it",
      source: folder,
      config: {},
      types: [dtype],
      tensors: new Map([[tensor.name, tensor]]),
      weightHash: `hash ${count}`,
    };
    return { tensor, result: checkFinite(checkpoint) };
  };

  it("accepts the largest and smallest finite numbers", async () => {
    await (await check("F32", Float32Array.of(3.4e38, -3.4e38, 1e-45, -0), 4)).result;
    await (await check("F16", Uint16Array.of(0x7bff, 0xfbff, 1, 0x8000), 4)).result;
    await (await check("BF16", Uint16Array.of(0x7f7f, 0xff7f, 1, 0x8000), 4)).result;
  });

  it.each([
    ["F32", Float32Array.of(1, 2, Number.NaN)],
    ["F32", Float32Array.of(1, 2, Number.NEGATIVE_INFINITY)],
    ["F16", Uint16Array.of(0, 1, 0x7c00)],
    ["F16", Uint16Array.of(0, 1, 0xfe01)],
    ["BF16", Uint16Array.of(0, 1, 0x7f80)],
    ["BF16", Uint16Array.of(0, 1, 0xffc0)],
  ] as const)("names file, tensor and place of a bad %s number", async (dtype, values) => {
    const { tensor, result } = await check(dtype, values, 3);
    await expect(result).rejects.toMatchObject({
      code: "BAD_WEIGHTS",
      message: expect.stringContaining(`tensor it in ${tensor.file}: number 2 is NaN or infinite`),
    });
  });

  it("counts beyond the first chunk", async () => {
    const values = new Uint16Array((1 << 23) + 5);
    values[(1 << 23) + 3] = 0x7c00;
    const { result } = await check("F16", values, values.length);
    await expect(result).rejects.toThrow(`number ${(1 << 23) + 3} is`);
  });
});
