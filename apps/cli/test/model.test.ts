import { cp, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "./read-safetensors.ts";
import { ROOT, recallscope } from "./recallscope.ts";

const MODEL = "recall-gpt2-1m";
const PROMPTS = [
  [10, 20, 30, 40],
  [11, 21, 31, 41],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function json(name: string, value: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, JSON.stringify(value));
  return file;
}
async function succeed(args: string[]): Promise<string> {
  const { code, stdout, stderr } = await recallscope([...args, "--quiet"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout;
}

describe("inspect", () => {
  it("prints the summary as JSON, and the same for a name and its folder", async () => {
    const summary = JSON.parse(await succeed(["inspect", MODEL, "--json"]));
    expect(summary).toMatchObject({ name: MODEL, architecture: "gpt2", layers: 4, heads: 4, width: 128 });
    expect(summary.weightHash).toMatch(/^[0-9a-f]{64}$/);
    expect(summary.selfCheck.passed).toBe(true);
    expect(summary.selfCheck.residualSum).toBeLessThan(1e-4);
    const byFolder = JSON.parse(await succeed(["inspect", path.join(ROOT, "models", MODEL), "--json"]));
    expect(byFolder.weightHash).toBe(summary.weightHash);
  });

  it("refuses a model that is not there, and one that is cut off, by file", async () => {
    const missing = await recallscope(["inspect", "no-such-model"]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/error MODEL_NOT_FOUND: .*no-such-model/);
    const copy = path.join(folder, "cut");
    await cp(path.join(ROOT, "models", MODEL), copy, { recursive: true });
    await truncate(path.join(copy, "model.safetensors"), 1_000_000);
    const cut = await recallscope(["inspect", copy]);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toMatch(/error BAD_WEIGHTS: .*model\.safetensors/);
  });
});

describe("activations", () => {
  it("writes the hooks that were asked for, and the residual stream adds up", async () => {
    const out = path.join(folder, "activations.safetensors");
    const hooks =
      "blocks.1.hook_resid_pre,blocks.1.hook_attn_out,blocks.1.hook_mlp_out,blocks.*.hook_resid_post,logits";
    await succeed([
      "activations",
      MODEL,
      "--input",
      await json("ids.json", { input_ids: PROMPTS }),
      "--hooks",
      hooks,
      "--out",
      out,
    ]);
    const tensors = await readSafetensors(out);
    expect([...tensors.keys()].filter((name) => name.endsWith("resid_post"))).toHaveLength(4);
    expect(tensors.get("logits")?.shape.slice(0, 2)).toEqual([2, 4]);
    const [pre, attention, mlp, post] = ["resid_pre", "attn_out", "mlp_out", "resid_post"].map(
      (point) => tensors.get(`blocks.1.hook_${point}`)!,
    );
    expect(post!.shape).toEqual([2, 4, 128]);
    post!.values.forEach((value, index) => {
      expect(
        Math.abs(value - pre!.values[index]! - attention!.values[index]! - mlp!.values[index]!),
      ).toBeLessThan(1e-4);
    });
  });

  it("refuses unknown hooks, ids outside the vocabulary and prompts that are too long", async () => {
    const refused = async (input: unknown, hooks: string, message: RegExp) => {
      const args = [
        "activations",
        MODEL,
        "--input",
        await json("bad.json", input),
        "--hooks",
        hooks,
        "--out",
        path.join(folder, "bad.safetensors"),
      ];
      const { code, stderr } = await recallscope(args);
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    };
    await refused({ input_ids: PROMPTS }, "blocks.0.attn.hook_zz", /error UNKNOWN_HOOK: .*hook_zz/);
    await refused({ input_ids: [[1, 999_999]] }, "logits", /error BAD_INPUT: .*999999/);
    await refused({ input_ids: [new Array(129).fill(1)] }, "logits", /error BAD_INPUT: .*128/);
  });
});

describe("sweep", () => {
  const sweep = async (pairs: unknown, ...more: string[]) => {
    const out = path.join(folder, "sweep.safetensors");
    await succeed(["sweep", MODEL, "--input", await json("pairs.json", pairs), "--out", out, ...more]);
    return readSafetensors(out);
  };
  const [clean, corrupted] = [[PROMPTS[0]!], [PROMPTS[1]!]];

  it.each(["denoise", "noise"])(
    "%s: a patch with itself changes nothing, one with another prompt does",
    async (kind) => {
      const same = await sweep({ clean, corrupted: clean, answer: [5], wrong: [6] }, "--kind", kind);
      const diff = same.get("logit_diff")!;
      expect(diff.shape).toEqual([4, 4, 1]);
      for (const value of diff.values)
        expect(Math.abs(value - same.get("logit_diff_clean")!.values[0]!)).toBeLessThan(1e-4);

      const other = await sweep({ clean, corrupted, answer: [5], wrong: [6] }, "--kind", kind);
      const start = other.get(kind === "noise" ? "logit_diff_clean" : "logit_diff_corrupted")!.values[0]!;
      expect(
        Math.max(...other.get("logit_diff")!.values.map((value) => Math.abs(value - start))),
      ).toBeGreaterThan(1e-3);
    },
  );

  it("gives the last logits, of which the differences are made", async () => {
    const tensors = await sweep({ clean, corrupted, answer: [5], wrong: [6] }, "--kind", "zero", "--logits");
    const logits = tensors.get("last_logits")!;
    const vocabulary = logits.shape[3]!;
    expect(logits.shape.slice(0, 3)).toEqual([4, 4, 1]);
    tensors.get("logit_diff")!.values.forEach((value, head) => {
      const row = logits.values.subarray(head * vocabulary, (head + 1) * vocabulary);
      expect(Math.abs(value - (row[5]! - row[6]!))).toBeLessThan(1e-5);
    });
  });

  it("refuses a pair of unequal length", async () => {
    const file = await json("unequal.json", { clean, corrupted: [[1, 2]], answer: [5], wrong: [6] });
    const { code, stderr } = await recallscope([
      "sweep",
      MODEL,
      "--input",
      file,
      "--kind",
      "noise",
      "--out",
      path.join(folder, "x.safetensors"),
    ]);
    expect(stderr).toMatch(/error BAD_PAIR: /);
    expect(code).toBe(1);
  });
});
