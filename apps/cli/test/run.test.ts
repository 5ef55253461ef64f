import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunReport, Task } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BIN, ROOT, recallscope } from "./recallscope.ts";

const MODEL = "recall-gpt2-1m";

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-cli-"));
  env = { RECALLSCOPE_DATA: path.join(folder, "data") };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => recallscope(["run", "--model", MODEL, "--bootstrap", "200", ...args], env);
const keyOf = (stdout: string) => /^run ([0-9a-f]{16}): /m.exec(stdout)?.[1];

/** The first facts of a bundled task as a task file of the user's own. */
async function smallTask(): Promise<string> {
  const task: Task = JSON.parse(await readFile(path.join(ROOT, "tasks/country-capital.json"), "utf8"));
  const file = path.join(folder, "my-capitals.json");
  await writeFile(file, JSON.stringify({ ...task, id: "my-capitals", facts: task.facts.slice(0, 16) }));
  return file;
}

describe("run", () => {
  it("measures a task file, stores the run, prints a summary, and answers from the store the next time", async () => {
    const args = ["--task", await smallTask(), "--lead-ins", "1", "--json", path.join(folder, "report.json")];
    const first = await run(...args);
    expect(first.stderr).not.toMatch(/error/);
    expect(first.code).toBe(0);
    for (const title of ["Prediction", "Argument passing", "MLP activation", "Final layer"])
      expect(first.stdout).toContain(title);
    expect(first.stdout).toMatch(/: stored\n$/);
    // Progress of a program that nobody watches: plain lines, each further than the one before.
    const shares = [...first.stderr.matchAll(/^\[ *(\d+) %\]/gm)].map((match) => Number(match[1]));
    expect(shares.length).toBeGreaterThan(4);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));

    const report: RunReport = JSON.parse(await readFile(path.join(folder, "report.json"), "utf8"));
    expect(report.task).toMatchObject({ id: "my-capitals", factsTotal: 16 });
    expect(report.argumentPassing.heads).toHaveLength(16);
    expect(first.stdout).toContain(`${report.task.factsKnown} of ${report.task.factsAdmitted} facts known`);

    const second = await run(...args);
    expect(second.stdout).toMatch(/: found in the store/);
    expect(keyOf(second.stdout)).toBe(keyOf(first.stdout));
    const again: RunReport = JSON.parse(await readFile(path.join(folder, "report.json"), "utf8"));
    expect(again).toEqual(report);
  });

  it("says what it would cost, and runs and stores nothing", async () => {
    const there = { RECALLSCOPE_DATA: path.join(folder, "never-made") };
    const args = ["run", "--model", MODEL, "--task", await smallTask(), "--lead-ins", "1", "--quiet"];
    const { code, stdout, stderr } = await recallscope([...args, "--estimate"], there);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^facts +16, \d+ prompts\npasses +[\d,]+ if the model knows every fact; .*\nrows +[\d,]+ .*\narithmetic +.*FLOP\nmemory +.*B .*\ntime +about .*\nnot counted +opening the model, statistics, .*, trajectories/,
    );
    expect(existsSync(there.RECALLSCOPE_DATA)).toBe(false);
    for (const [flags, message] of [
      [["--detach"], /--estimate and --detach/],
      [["--json", "x.json"], /--estimate and --json/],
      [["--server", "http://127.0.0.1:9"], /--estimate and --server/],
    ] as const) {
      const refused = await recallscope([...args, "--estimate", ...flags], there);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(message);
    }
  });

  it("gives a stored run as files, and as a bundle that another store takes", async () => {
    const report: RunReport = JSON.parse(await readFile(path.join(folder, "report.json"), "utf8"));
    const { stdout } = await run("--task", await smallTask(), "--lead-ins", "1");
    const key = keyOf(stdout)!;
    const out = (name: string) => path.join(folder, name);
    const heads = ["export", key, "--format", "csv", "--table", "heads", "--out", out("heads.csv")];
    expect((await recallscope(heads, env)).code).toBe(0);
    const lines = (await readFile(out("heads.csv"), "utf8"))
      .split("\n")
      .filter((line) => !line.startsWith("#"));
    expect(lines).toHaveLength(1 + 16 + 1);
    expect(lines[1]).toContain(`,${report.argumentPassing.heads[0]!.effect.value},`);
    const bundle = ["export", key, "--format", "bundle", "--out", out("a.bundle")];
    expect((await recallscope(bundle, env)).code).toBe(0);
    const there = { RECALLSCOPE_DATA: out("other") };
    const imported = await recallscope(["import", out("a.bundle")], there);
    expect([imported.code, imported.stdout]).toEqual([0, `run ${key}: imported\n`]);
    await recallscope(["export", key, "--format", "bundle", "--out", out("b.bundle")], there);
    expect((await readFile(out("b.bundle"))).equals(await readFile(out("a.bundle")))).toBe(true);
  });

  it("ends with code 130 when interrupted, and stores nothing", async () => {
    const args = ["--task", await smallTask(), "--shots", "4", "--bootstrap", "200"];
    const child = spawn(process.execPath, [BIN, "run", "--model", MODEL, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });
    let stderr = "";
    const code = await new Promise((resolve) => {
      child.stderr.on("data", (part) => {
        stderr += part;
        if (stderr.includes("Measure facts") && !stderr.includes("cancelling")) child.kill("SIGINT");
      });
      child.on("close", resolve);
    });
    expect(stderr).toMatch(/error CANCELLED/);
    expect(code).toBe(130);
    expect((await run(...args)).stdout).toMatch(/: stored\n$/);
  });

  it("refuses a task of which the model knows no fact", async () => {
    const task: Task = JSON.parse(await readFile(path.join(ROOT, "tasks/country-capital.json"), "utf8"));
    const file = path.join(folder, "unknown.json");
    // Every subject is asked for the capital of another country: none is known.
    const facts = task.facts
      .slice(0, 16)
      .map(({ subject }, index, all) => ({ subject, answer: all[(index + 5) % all.length]!.answer }));
    await writeFile(file, JSON.stringify({ ...task, id: "unknown", facts }));
    const { code, stderr } = await run("--task", file, "--known-filter", "top1");
    expect(stderr).toMatch(/error NO_KNOWN_FACTS: /);
    expect(code).toBe(1);
  });
});
