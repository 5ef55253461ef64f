import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../src/env.ts";
import { findOwnerKey } from "../src/store.ts";
import { engineServer, killAll, type ServerProcess } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

const execute = promisify(execFile);
const EXAMPLES = path.join(ROOT, "examples");
const MINUTES = 60_000;
const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const python = runs("python3", "--version");
if (!python)
  process.stderr.write(
    "\nexamples/python is NOT tested here: there is no python3 (install it to test them)\n",
  );

let folder: string;
let server: ServerProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-examples-"));
  const data = path.join(folder, "data");
  await templateFolder(data);
  server = engineServer(data, { RECALLSCOPE_ACCESS: "token" });
  const url = (await server.says("ready")).trim();
  const owner = await findOwnerKey(data);
  const token = await askWith(owner!, url, {
    query: `mutation { createToken(input: { name: "examples", role: WRITE }) { secret } }`,
  });
  env = { ...process.env, RECALLSCOPE_SERVER: url, RECALLSCOPE_TOKEN: token.createToken.secret };
});
afterAll(async () => {
  await server?.end("SIGTERM");
  killAll();
  await rm(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: typed by the expectations
async function askWith(token: string, url: string, body: unknown): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
const ask = (query: string, variables: unknown = {}) =>
  askWith(env.RECALLSCOPE_TOKEN!, env.RECALLSCOPE_SERVER!, { query, variables });

const example = async (command: string, args: string[], cwd = ROOT): Promise<string> =>
  (await execute(command, args, { cwd, env })).stdout;

const HEADS = `query ($key: ID!) { run(id: $key) { status settings { seed } argumentPassing {
  heads { layer head label effect { value } } best: heads(orderBy: EFFECT, first: 5) { label } } } }`;

/** What an example printed and wrote is what the server has. */
async function expectHeads(stdout: string, name: string, seed: number): Promise<void> {
  const key = /run ([0-9a-f]{16})/.exec(stdout)?.[1];
  const { run } = await ask(HEADS, { key });
  expect(run).toMatchObject({ status: "SUCCEEDED", settings: { seed } });
  const { heads, best } = run.argumentPassing;
  expect(stdout.match(/\bL\d+H\d+\b/g)).toEqual(best.map(({ label }: { label: string }) => label));
  const rows: { head_label: string; effect: string }[] = parse(
    await readFile(path.join(folder, `heads-${name}.csv`), "utf8"),
    { columns: true, comment: "#", comment_no_infix: true },
  );
  expect(rows.map(({ head_label, effect }) => [head_label, effect])).toEqual(
    heads.map((head: { label: string; effect: { value: number | null } }) => [
      head.label,
      String(head.effect.value ?? ""),
    ]),
  );
}

describe("each example starts a run, waits, reads its heads and writes them", () => {
  it("TypeScript", { timeout: 4 * MINUTES }, async () => {
    const stdout = await example(process.execPath, [
      "--import",
      "tsx",
      path.join(EXAMPLES, "typescript/recall.ts"),
      folder,
    ]);
    expect(stdout).toContain(": started");
    await expectHeads(stdout, "typescript", 1);
  });

  it("curl", { timeout: 4 * MINUTES }, async () => {
    await expectHeads(await example("bash", [path.join(EXAMPLES, "curl/recall.sh"), folder]), "curl", 2);
  });

  it.skipIf(!python)("Python", { timeout: 4 * MINUTES }, async () => {
    const stdout = await example("python3", [path.join(EXAMPLES, "python/recall.py"), folder]);
    await expectHeads(stdout, "python", 3);
  });

  it.skipIf(!python)("the notebook; its drawing where matplotlib is", { timeout: 4 * MINUTES }, async () => {
    const { cells } = JSON.parse(await readFile(path.join(EXAMPLES, "python/head_map.ipynb"), "utf8"));
    const draws = runs("python3", "-c", "import matplotlib");
    type Cell = { cell_type: string; source: string[]; metadata: { tags?: string[] } };
    const code = (cells as Cell[])
      .filter(
        ({ cell_type, metadata }) => cell_type === "code" && (draws || !metadata.tags?.includes("drawing")),
      )
      .map(({ source }) => source.join(""));
    expect(code.length).toBeGreaterThan(2);
    env.MPLBACKEND = "Agg";
    const stdout = await example("python3", ["-c", code.join("\n")], path.join(EXAMPLES, "python"));
    const [, key] = /^([0-9a-f]{16}) recall-gpt2-1m /.exec(stdout)!;
    const { run } = await ask(HEADS, { key });
    const grid = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ").slice(1).map(Number));
    const { heads } = run.argumentPassing;
    expect(grid.flat()).toHaveLength(heads.length);
    for (const { layer, head, effect } of heads) expect(grid[layer]![head]).toBeCloseTo(effect.value, 2);
  });
});

it("fail with the server's own words", async () => {
  const refused = { ...env, RECALLSCOPE_TOKEN: "rs_nobody" };
  const attempts: [command: string, args: string[]][] = [
    [process.execPath, ["--import", "tsx", path.join(EXAMPLES, "typescript/recall.ts")]],
    ["bash", [path.join(EXAMPLES, "curl/recall.sh")]],
    ...(python ? [["python3", [path.join(EXAMPLES, "python/recall.py")]] as [string, string[]]] : []),
  ];
  for (const [command, args] of attempts)
    await expect(execute(command, args, { cwd: ROOT, env: refused })).rejects.toMatchObject({
      stderr: expect.stringMatching(/UNAUTHENTICATED/),
    });
});
