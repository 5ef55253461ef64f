import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recallscope } from "./recallscope.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const input = async (name: string, text: string): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
};
const out = () => path.join(folder, "out.safetensors");

describe("wrong usage ends with code 2 and says what is allowed", () => {
  it.each([
    [["measure"], /unknown command 'measure'/],
    [["inspect"], /missing required argument 'model'/],
    [["run", "--model", "x"], /required option '--task <task>' not specified/],
    [["run", "--model", "x", "--task", "country-capital", "--shots", "9"], /a whole number from 0 to 8/],
    [
      ["run", "--model", "x", "--task", "country-capital", "--known-filter", "best"],
      /TOP1, TOP10, CANDIDATE_TOP1/,
    ],
    [["run", "--model", "x", "--task", "country-capital", "--sweep-mode", "fast"], /EXACT, SCREENED/],
    [["run", "--model", "x", "--task", "country-capital", "--precision", "bf16"], /F32, F16/],
    [["inspect", "x", "--device", "gpu"], /auto, cpu, webgpu, cuda, coreml, dml/],
    [["sweep", "x", "--input", "p.json", "--kind", "mean", "--out", "o"], /zero, denoise, noise/],
    [
      ["sweep", "x", "--input", "p.json", "--kind", "zero", "--position", "first", "--out", "o"],
      /last, or a position/,
    ],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await recallscope(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe("");
  });
});

describe("bad input ends with code 1 and one message, without a stack", () => {
  const refused = async (args: string[], message: RegExp, env?: Record<string, string>) => {
    const { code, stdout, stderr } = await recallscope(args, env);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(1);
    expect(stdout).toBe("");
  };
  const activations = (file: string, ...more: string[]) => [
    "activations",
    "x",
    "--input",
    file,
    "--hooks",
    "logits",
    "--out",
    out(),
    ...more,
  ];

  it("an input file that is missing", () =>
    refused(
      activations(path.join(folder, "none.json")),
      /^error BAD_INPUT: .*none\.json cannot be read \(ENOENT\)/,
    ));
  it("one that is not JSON", async () =>
    refused(activations(await input("broken.json", "{")), /broken\.json is not JSON/));
  it("one of another form", async () =>
    refused(activations(await input("form.json", `{"input_ids": [["a"]]}`)), /form\.json: .*input_ids/));
  it("an empty batch", async () =>
    refused(activations(await input("empty.json", `{"prompts": []}`)), /empty\.json/));
  it("a pair without its answer", async () => {
    const file = await input("pairs.json", `{"clean": [[1]], "corrupted": [[2]], "wrong": [3]}`);
    await refused(["sweep", "x", "--input", file, "--kind", "zero", "--out", out()], /pairs\.json: .*answer/);
  });
  it("an output folder that does not exist", async () => {
    const file = await input("good.json", `{"prompts": ["a"]}`);
    await refused(
      activations(file, "--out", path.join(folder, "no/out.safetensors")),
      /folder .*no does not exist/,
    );
  });
  it("an unknown task, with the ones there are", () =>
    refused(["run", "--model", "x", "--task", "capitals"], /^error TASK_NOT_FOUND: .*country-capital/));
  it("a task file of another form", async () => {
    const file = await input("task.json", `{"id": "x"}`);
    await refused(["run", "--model", "x", "--task", file], /^error BAD_TASK: .*task\.json/);
  });
});

it("shows a stack when asked to", async () => {
  const { stderr } = await recallscope(["run", "--model", "x", "--task", "capitals"], {
    RECALLSCOPE_DEBUG: "1",
  });
  expect(stderr).toContain("    at ");
});

it("lists models and tasks", async () => {
  const { code, stdout } = await recallscope(["list"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/country-capital\s+\S.*\s\d+\n/);
});

it("prints help on stdout with code 0", async () => {
  const { code, stdout } = await recallscope(["--help"]);
  expect(code).toBe(0);
  for (const name of ["inspect", "run", "activations", "sweep", "list"]) expect(stdout).toContain(name);
});
