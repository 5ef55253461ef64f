import { spawn } from "node:child_process";
import { access, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memory } from "../src/commands/options.ts";
import { choiceOf, type SweepFlags } from "../src/commands/sweep-options.ts";
import { readPairs } from "../src/commands/sweep-pairs.ts";
import { alphaList, headList, receiverList, spanList } from "../src/commands/sweep-values.ts";
import { readSafetensors } from "./read-safetensors.ts";
import { BIN, ROOT, recallscope } from "./recallscope.ts";

const MODEL = "recall-gpt2-1m";
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-sweep-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
async function json(name: string, value: unknown): Promise<string> {
  await writeFile(at(name), JSON.stringify(value));
  return at(name);
}
const PAIRS = {
  clean: [[10, 20, 30, 40]],
  corrupted: [[11, 21, 31, 41]],
  answer: [5],
  wrong: [6],
};

describe("flags", () => {
  it.each<[SweepFlags, RegExp]>([
    [{}, /^--kind is needed with --over heads \(allowed: zero, denoise, noise, attribution\)/],
    [{ over: "paths" }, /^--kind is needed with --over paths \(allowed: zero, denoise, noise\)/],
    [{ over: "knockout", kind: "zero" }, /^--kind does not apply to --over knockout \(it does to heads, /],
    [
      { kind: "zero", position: 2 },
      /^--position does not apply to --kind zero .*--over alpha --alphas 0 --position 2/,
    ],
    [
      { kind: "zero", over: "heads-positions", position: "last" },
      /^--position does not apply to --over heads-positions/,
    ],
    [{ kind: "attribution", position: "last" }, /^--position does not apply to --kind attribution/],
    [{ kind: "attribution", logits: true }, /^--logits does not apply to --kind attribution/],
    [{ kind: "attribution", over: "heads-positions" }, /^--over does not apply to --kind attribution/],
    [{ kind: "attribution", estimate: true }, /^--estimate does not apply to --kind attribution/],
    [
      { kind: "noise", over: "paths", logits: true },
      /^--logits does not apply to --over paths \(it does to heads; leave/,
    ],
    [{ kind: "noise", receivers: [] }, /^--receivers does not apply to --over heads \(it does to paths;/],
    [{ kind: "noise", over: "head-pairs" }, /^--heads is needed/],
    [{ over: "alpha", hook: ["z", "mlp_out"] }, /^--hook takes one name/],
    [{ over: "alpha", hook: ["resid_pre"] }, /^--hook resid_pre is none of z, attn_out, mlp_out/],
  ])("%j are refused with the way out", (flags, message) => {
    expect(() => choiceOf(flags)).toThrow(message);
  });

  it("become what a sweep is made of", () => {
    expect(choiceOf({ kind: "zero", position: "last" })).toEqual({
      over: "heads",
      kind: "zero",
      position: "all",
    });
    expect(choiceOf({ kind: "noise" })).toEqual({ over: "heads", kind: "noise", position: "last" });
    expect(choiceOf({ kind: "attribution" })).toEqual({ over: "attribution" });
    expect(
      choiceOf({ over: "layers-positions", kind: "noise", hook: ["resid_pre", "hook_mlp_out"] }),
    ).toEqual({
      over: "layers-positions",
      kind: "noise",
      hooks: ["hook_resid_pre", "hook_mlp_out"],
    });
    expect(alphaList("0:0.3:0.1,1,1")).toEqual([0, 0.1, 0.2, 0.3, 1]);
    expect(spanList("0,3-5")).toEqual([
      [0, 0],
      [3, 5],
    ]);
    expect(headList("L9H8, l10h0")).toEqual([
      { layer: 9, head: 8 },
      { layer: 10, head: 0 },
    ]);
    expect(receiverList("final,MLP7,L9H3.q,L9KV1.k")).toEqual([
      { kind: "final" },
      { kind: "mlp", layer: 7 },
      { kind: "q", layer: 9, head: 3 },
      { kind: "k", layer: 9, head: 1 },
    ]);
    expect([memory("1GB"), memory("64 MiB")]).toEqual([1e9, 2 ** 26]);
    for (const refused of [
      () => alphaList("1:0:0.1"),
      () => alphaList("a"),
      () => spanList("3-"),
      () => headList("9.8"),
      () => receiverList("L9H3.k"),
      () => memory("1MB"),
      () => memory("many"),
    ])
      expect(refused).toThrow(/Allowed/);
  });

  it("that are wrong end with code 2 before anything is opened", async () => {
    const input = await json("pairs.json", PAIRS);
    for (const [more, message] of [
      [
        ["--kind", "attribution", "--position", "2", "--out", at("x")],
        /error: --position does not apply to --kind attribution/,
      ],
      [["--kind", "noise"], /error: --out is needed/],
    ] as const) {
      const { code, stderr } = await recallscope(["sweep", "no-such-model", "--input", input, ...more]);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    }
  });
});

describe("an input file of another form is named with the place in it", () => {
  it.each<[unknown, RegExp]>([
    [{ ...PAIRS, answer: undefined }, /answer: missing \(a list with a token for each pair expected\)/],
    [{ ...PAIRS, wrong: [[5]] }, /wrong\[0\]: \[5\] \(a token id, or a text that is one token/],
    [{ ...PAIRS, clean: [[1, 2.5]] }, /clean\[0\]: \[1,2\.5\] \(a text, or token ids such as/],
    [{ ...PAIRS, clean: [] }, /clean: empty \(a list of prompts expected\)/],
    [{ ...PAIRS, foo: 1 }, /unknown foo \(allowed: clean, corrupted, answer, wrong\)/],
    [[], /\[\] \(\{"clean": \[\.\.\.\], /],
  ])("%j", async (input, message) => {
    const file = await json("form.json", input);
    const { code, message: text } = await readPairs(file).catch((error) => error);
    expect(code).toBe("BAD_INPUT");
    expect(text).toMatch(/^input file .*form\.json: /);
    expect(text).toMatch(message);
    expect(text).not.toMatch(/Invalid|✖|→/);
  });
});

it("estimates without running, and takes texts", async () => {
  const input = await json("texts.json", {
    clean: ["The capital of France is"],
    corrupted: ["The capital of Italy is"],
    answer: [" Paris"],
    wrong: [" Rome"],
  });
  const args = ["sweep", MODEL, "--input", input, "--over", "layers-positions", "--kind", "noise", "--quiet"];
  const { code, stdout, stderr } = await recallscope([...args, "--estimate"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(
    /^passes +62, in 1 part\nrows +\d+ .*\narithmetic +[\d.]+ .?FLOP\nmemory +.*B .*\ntime +about /,
  );
  expect(code).toBe(0);
});

it("intervenes on one prompt", async () => {
  const args = [
    "intervene",
    MODEL,
    "--prompt",
    "The capital of France is",
    "--answer",
    " Paris",
    "--json",
    "--quiet",
  ];
  const edits = ["--edit", "MLP3@last=0", "--edit", "L1H2=1.5", "--hide", "1-2@0-1"];
  const { code, stdout, stderr } = await recallscope([...args, ...edits]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const { before, after, tokens } = JSON.parse(stdout);
  expect(tokens.length).toBeGreaterThan(4);
  expect(before.top).toHaveLength(10);
  expect(before.answer.text).toBe(" Paris");
  expect(after.answer.probability).not.toBe(before.answer.probability);
  const wrong = await recallscope([...args, "--edit", "L1=0"]);
  expect(wrong.stderr).toMatch(/--edit.*'L1=0' is invalid. Not understood. Allowed: L9H8, /s);
  expect(wrong.code).toBe(2);
});

describe("a sweep that is ended in the middle", () => {
  const random = (seed: number) => Array.from({ length: 80 }, (_, i) => (seed * 7919 + i * i * 31) % 500);
  const input = {
    clean: [1, 2].map(random),
    corrupted: [1, 2].map((seed) => random(seed).with(3, 7)),
    answer: [5, 6],
    wrong: [8, 9],
  };
  const args = async (out: string) => [
    "sweep",
    MODEL,
    "--input",
    await json("long.json", input),
    "--over",
    "heads-positions",
    "--kind",
    "noise",
    "--out",
    at(out),
  ];

  /** Sends a signal as soon as something is finished. */
  async function ended(
    signal: NodeJS.Signals,
    parts: number,
  ): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [BIN, ...(await args("resumed.safetensors"))], { cwd: ROOT });
    let stderr = "";
    child.stderr.on("data", (part) => {
      stderr += part;
    });
    const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
    while (child.exitCode === null) {
      const files = await readdir(at("resumed.safetensors.partial")).catch(() => []);
      if (files.filter((name) => name.endsWith(".safetensors")).length >= parts) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill(signal);
    return { code: await exit, stderr };
  }

  it("goes on from its finished parts and writes the same bytes as in one go", async () => {
    const whole = await recallscope(await args("whole.safetensors"));
    expect(whole.code).toBe(0);
    const cancelled = await ended("SIGINT", 1);
    expect(cancelled.stderr).toMatch(
      /error CANCELLED: .*resumed\.safetensors\.partial, and the same command goes on/,
    );
    expect(cancelled.code).toBe(130);
    expect((await ended("SIGKILL", 2)).code).toBe(null);
    await expect(access(at("resumed.safetensors"))).rejects.toThrow("ENOENT");

    const { code, stderr } = await recallscope(await args("resumed.safetensors"));
    expect(stderr).toMatch(/passes \([\d,]+ from before\)/);
    expect(code).toBe(0);
    expect((await readFile(at("resumed.safetensors"))).equals(await readFile(at("whole.safetensors")))).toBe(
      true,
    );
    expect(await readdir(folder)).not.toContain("resumed.safetensors.partial");
    expect((await readSafetensors(at("whole.safetensors"))).get("logit_diff")!.shape).toEqual([4, 4, 2, 80]);
  });
});
