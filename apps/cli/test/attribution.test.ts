import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAnyTensor } from "../../../packages/engine/test/oracles/read-any-tensor.ts";
import { readSafetensors } from "./read-safetensors.ts";
import { ROOT, recallscope } from "./recallscope.ts";

const ORACLES = path.join(ROOT, "packages/engine/test/fixtures/oracles");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-attribution-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function sweep(model: string, pairs: unknown, ...more: string[]) {
  const [input, out] = [path.join(folder, "pairs.json"), path.join(folder, "out.safetensors")];
  await writeFile(input, JSON.stringify(pairs));
  const args = ["sweep", model, "--input", input, "--kind", "attribution", "--out", out, "--quiet", ...more];
  return { ...(await recallscope(args)), out };
}

describe("sweep --kind attribution", () => {
  it.each(["gpt2", "llama-gqa-tied"])(
    "%s: writes what autograd gives for every head, prompt and position",
    async (family) => {
      const golden = await readAnyTensor(path.join(ORACLES, family, "golden.safetensors"));
      const rows = (name: string) => {
        const { shape, data } = golden.get(name)!;
        const [batch, length] = shape as [number, number];
        return Array.from({ length: batch }, (_, b) => Array.from(data.slice(b * length, (b + 1) * length)));
      };
      const [answer, wrong] = [[...golden.get("answer")!.data], [...golden.get("wrong")!.data]];
      const pairs = { clean: rows("input_ids.clean"), corrupted: rows("input_ids.corrupted"), answer, wrong };
      const { code, stderr, stdout, out } = await sweep(path.join(ORACLES, family), pairs);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toMatch(/4 tensors in /);
      const tensors = await readSafetensors(out);
      const expected = golden.get("attribution_patching")!;
      const { shape, values } = tensors.get("attribution")!;
      expect(shape).toEqual(expected.shape);
      expect(Math.max(...values.map((value, i) => Math.abs(value - expected.data[i]!)))).toBeLessThan(1e-4);
      const [layers, , batch, length] = shape as [number, number, number, number];
      expect(tensors.get("attribution_mlp_out")!.shape).toEqual([layers, batch, length]);

      for (const which of ["clean", "corrupted"] as const) {
        const logits = golden.get(`logits.${which}`)!;
        const vocabulary = logits.shape[2]!;
        for (let b = 0; b < batch; b++) {
          const last = (b * length + length - 1) * vocabulary;
          const lead = logits.data[last + answer[b]!]! - logits.data[last + wrong[b]!]!;
          expect(Math.abs(tensors.get(`logit_diff_${which}`)!.values[b]! - lead)).toBeLessThan(1e-4);
        }
      }
    },
  );

  it("refuses pairs that no one tensor can hold by pair, and last logits, which a gradient has not", async () => {
    const gpt2 = path.join(ORACLES, "gpt2");
    const clean = [
      [1, 2, 3],
      [4, 5],
    ];
    const pairs = { clean, corrupted: clean, answer: [1, 2], wrong: [3, 4] };
    const uneven = await sweep(gpt2, pairs);
    expect(uneven.stderr).toMatch(/error BAD_PAIR: pair 1: 2 tokens \(pair 0 has 3;/);
    expect(uneven.code).toBe(1);
    const logits = await sweep(gpt2, pairs, "--logits");
    expect(logits.stderr).toMatch(/error: --logits does not apply to --kind attribution/);
    expect(logits.code).toBe(2);
  });
});
