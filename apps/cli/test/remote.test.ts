import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StudyReport } from "@recallscope/engine";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineServer, killAll, type ServerProcess } from "../../api/test/support/process.ts";
import { templateFolder } from "../../api/test/support/template.ts";
import { namedServer } from "../src/store/connection.ts";
import { recallscope } from "./recallscope.ts";

let folder: string;
let server: ServerProcess;
let url: string;
const tokens = { read: "", write: "" };
/** Where a store of this machine would be: nothing may come to be there. */
let elsewhere: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-remote-"));
  elsewhere = path.join(folder, "nothing");
  const data = path.join(folder, "data");
  await templateFolder(data);
  server = engineServer(data, { RECALLSCOPE_ACCESS: "token" });
  url = (await server.says("ready")).trim();
  for (const role of ["read", "write"] as const) {
    const { stdout, stderr } = await recallscope(["token", "create", "--name", role, "--role", role], {
      RECALLSCOPE_DATA: data,
    });
    expect(stdout, stderr).not.toBe("");
    tokens[role] = stdout.trim();
  }
});
afterAll(async () => {
  await server?.end("SIGTERM");
  killAll();
  await rm(folder, { recursive: true, force: true });
});

const remote = (
  args: string[],
  role: keyof typeof tokens | null = "write",
  env: Record<string, string> = {},
  onStderr: Parameters<typeof recallscope>[2] = () => {},
) =>
  recallscope(
    args,
    {
      RECALLSCOPE_DATA: elsewhere,
      RECALLSCOPE_SERVER: url,
      ...(role !== null && { RECALLSCOPE_TOKEN: tokens[role] }),
      ...env,
    },
    onStderr,
  );
/** The lines of a study but for the tests across tasks, and for the widths of columns. */
const linesOf = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => !/mean output|own answers favoured|^ {2}MLP|^intercepts across|^-+ /.test(line))
    .flatMap((line) => line.trim().replace(/ +/g, " ") || []);
const taskOf = ({ receipt }: StudyReport["runs"][number]) => receipt.taskId;
let cancelling = false;
const RUN = [
  "run",
  "--model",
  "recall-gpt2-1m",
  "--analyses",
  "none",
  "--bootstrap",
  "200",
  "--lead-ins",
  "1",
];
const STUDY = ["study", ...RUN.slice(1), "--tasks", "element-symbol,country-continent,country-language"];
const ask = async <T>(query: string, variables: object = {}): Promise<T> => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${tokens.write}` };
  const body = JSON.stringify({ query, variables });
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
};
const keyOf = (stdout: string) => /run ([0-9a-f]{16}): /.exec(stdout)?.[1];
const out = (name: string) => path.join(folder, name);

describe("a server elsewhere", () => {
  it("makes runs, which are followed, found again, listed, exported, compared and imported", async () => {
    const first = await remote([...RUN, "--task", "country-capital", "--json", out("report.json")]);
    expect(first.stderr).not.toMatch(/error/);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain("Argument passing");
    expect(first.stdout).toMatch(/: stored by the server at http/);
    const key = keyOf(first.stdout)!;
    const report = JSON.parse(await readFile(out("report.json"), "utf8"));
    expect(report.receipt.model.name).toContain("recall-gpt2-1m");

    const again = await remote([...RUN, "--task", "country-capital"]);
    expect([keyOf(again.stdout), /found in the store/.test(again.stdout)]).toEqual([key, true]);

    const second = await remote([...RUN, "--task", "country-capital", "--shots", "1"]);
    const other = keyOf(second.stdout)!;
    expect(other).not.toBe(key);

    // Flags name a server as well as the environment does.
    const list = await recallscope(["list", "--server", url, "--token", tokens.read], {
      RECALLSCOPE_DATA: elsewhere,
    });
    expect(list.stdout).toMatch(new RegExp(`${key} .*recall-gpt2-1m.* country-capital .*succeeded`));
    expect(list.stdout).toMatch(/country-language\s+\S.*\s\d+\n/);
    expect(list.stdout).toMatch(/2 of 2 runs shown/);

    const heads = await remote(
      ["export", key, "--format", "csv", "--table", "heads", "--out", out("heads.csv")],
      "read",
    );
    expect(heads).toMatchObject({ code: 0, stdout: `${out("heads.csv")}\n` });
    const rows = parse(await readFile(out("heads.csv"), "utf8"), {
      columns: true,
      comment: "#",
      comment_no_infix: true,
    });
    expect(rows.map((row) => (row as { head_label: string }).head_label)).toEqual(
      report.argumentPassing.heads.map(({ label }: { label: string }) => label),
    );

    const compare = ["export", "--compare", key, other, "--format", "csv", "--table", "metrics"];
    const metrics = await remote([...compare, "--axis", "shots", "--out", out("metrics.csv")], "read");
    expect(metrics).toMatchObject({ code: 0, stdout: `${out("metrics.csv")}\n` });
    expect(await readFile(out("metrics.csv"), "utf8")).toContain(`axis SHOTS, baseline ${key}, forced false`);

    await ask(
      `mutation ($input: CreateComparisonInput!) { createComparison(input: $input) { comparison { id } } }`,
      { input: { name: "by shots", runs: [key, other], baseline: other } },
    );
    const saved = ["export", "--compare", "by shots", "--format", "csv", "--table", "metrics"];
    expect(await remote([...saved, "--out", out("saved.csv")], "read")).toMatchObject({ code: 0 });
    expect(await readFile(out("saved.csv"), "utf8")).toContain(`axis SHOTS, baseline ${other}, forced false`);

    const bundle = ["export", key, "--format", "bundle", "--out", out("run.bundle")];
    expect((await remote(bundle, "read")).code).toBe(0);
    expect((await remote(["import", out("run.bundle")])).stdout).toContain(`run ${key}: was here already`);

    const detached = await remote([...RUN, "--task", "country-capital", "--seed", "2", "--detach"]);
    expect(detached.stdout).toMatch(/^run [0-9a-f]{16}: waits at the server/);
    await expect(stat(elsewhere)).rejects.toThrow("ENOENT");
    // A dozen processes one after the other, on machines that do other things meanwhile.
  }, 300_000);

  it("makes studies, which say what those on this machine say, and are found again", async () => {
    const here = { RECALLSCOPE_DATA: path.join(folder, "here") };
    await templateFolder(here.RECALLSCOPE_DATA);
    const local = await recallscope([...STUDY, "--shots", "1"], here);
    const named = ["--shots", "0,1", "--name", "of three"];
    const first = await remote([...STUDY, ...named, "--json", out("study.json")]);
    expect(first.stderr).toMatch(/^\[ +\d+ %\] .*; 0 of 6 runs ended$/m);
    expect(first.stderr).toMatch(/\[100 %\] 6 of 6 runs ended/);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout.match(/intercepts across tasks: not tested \(a server keeps .*\)\n/g)).toHaveLength(
      2,
    );
    expect(linesOf(local.stdout)).toHaveLength(16);
    expect(linesOf(first.stdout).slice(-16)).toEqual(linesOf(local.stdout));
    const studies = JSON.parse(await readFile(out("study.json"), "utf8")) as StudyReport[];
    expect(
      studies.map(({ runs, skipped }) => [runs.map(taskOf), skipped.map(({ taskId }) => taskId)]),
    ).toEqual([0, 1].map(() => [["element-symbol", "country-language"], ["country-continent"]]));
    expect(Object.values(studies[0]!.runs[0]!.arrays[0]!.values).every(Number.isFinite)).toBe(true);

    const again = await remote([...STUDY, ...named]);
    expect(again.stdout).toBe(first.stdout);
    const { study } = await ask<{ study: { progress: unknown } }>(
      `{ study(id: "of three") { progress { total succeeded failed } } }`,
    );
    expect(study.progress).toEqual({ total: 6, succeeded: 4, failed: 2 });
    const other = await remote([...STUDY, "--name", "of three"]);
    expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/NAME_TAKEN/)]);
    await expect(stat(elsewhere)).rejects.toThrow("ENOENT");
  }, 600_000);

  it("leave a study there on Ctrl-C, and say so; the same command follows it to its end", async () => {
    const args = [
      ...STUDY,
      "--tasks",
      "element-symbol",
      "--bootstrap",
      "2000",
      "--seed",
      "5",
      "--name",
      "left",
    ];
    const left = await remote(args, "write", {}, (text, child) => {
      if (!child.killed && text.includes("[ ")) child.kill("SIGINT");
    });
    expect(left).toMatchObject({ code: 130, stdout: "" });
    expect(left.stderr).toMatch(/no longer following/);
    expect(left.stderr).toMatch(/CANCELLED: study left: goes on at http\S+ \(the same command follows it/);
    const { study } = await ask<{ study: { progress: { cancelled: number; missing: number } } }>(
      `{ study(id: "left") { progress { cancelled missing } } }`,
    );
    expect(study.progress).toEqual({ cancelled: 0, missing: 0 });
    const again = await remote(args);
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^element-symbol +\d+\/\d+/m)]);
    const counts = await ask(`{ runs(filter: { study: "left" }) { totalCount } }`);
    expect(counts).toEqual({ runs: { totalCount: 1 } });
    const detached = await remote([...args, "--detach"]);
    expect(detached.stdout).toMatch(/^study left: is at the server at http\S+, 0 runs queued, 0 found\n$/);
  }, 300_000);

  it("tells which runs of a study came to nothing, after those that did not", async () => {
    const tasks = ["--tasks", "element-symbol,country-capital", "--seed", "6", "--name", "cancelled"];
    const cancelled = await remote([...STUDY, ...tasks], "write", {}, async (text) => {
      if (!text.includes("] ") || cancelling) return;
      cancelling = true;
      const { runs } = await ask<{ runs: { edges: { node: { id: string; task: { slug: string } } }[] } }>(
        `{ runs(filter: { study: "cancelled" }) { edges { node { id task { slug } } } } }`,
      );
      const { id } = runs.edges.find(({ node }) => node.task.slug === "country-capital")!.node;
      await ask(`mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }`, { id });
    });
    expect(cancelled.code).toBe(1);
    expect(cancelled.stdout).toMatch(/^element-symbol +\d+\/\d+/m);
    expect(cancelled.stderr).toMatch(
      /study cancelled: 1 of 2 runs came to nothing .*: country-capital with 0 shots: run [0-9a-f]{16} was cancelled/,
    );
    // The same command tries it again.
    const { retryStudy } = await ask<{ retryStudy: { queued: number } }>(
      `mutation { retryStudy(input: { id: "cancelled" }) { queued } }`,
    );
    expect(retryStudy.queued).toBe(1);
  }, 300_000);

  it("refuses who may not, and says how one may", async () => {
    const cases: [
      args: string[],
      role: keyof typeof tokens | null,
      env: Record<string, string>,
      message: RegExp,
    ][] = [
      [["list"], null, {}, /UNAUTHENTICATED: server http\S+: a token is needed .*RECALLSCOPE_TOKEN/],
      [["list"], null, { RECALLSCOPE_TOKEN: "rs_nobody" }, /UNAUTHENTICATED: .*not known here/],
      [[...RUN, "--task", "country-capital", "--seed", "9"], "read", {}, /FORBIDDEN: .*needs the role write/],
      [["import", out("run.bundle")], "read", {}, /FORBIDDEN: .*needs the role write/],
      [["events"], "write", {}, /FORBIDDEN: .*needs the role admin/],
      [[...RUN, "--task", "no-such-task"], "write", {}, /TASK_NOT_FOUND/],
      [[...RUN, "--task", "my/task.json"], "write", {}, /BAD_INPUT: task file my\/task\.json: the server at/],
      [["export", "0123456789abcdef", "--format", "json", "--out", out("x")], "read", {}, /NOT_FOUND/],
      [["study", "--model", "m", "--tasks", "country-capital"], "write", {}, /under a name \(add --name\)/],
      [[...STUDY, "--name", "s"], "read", {}, /FORBIDDEN: .*needs the role write/],
      [[...STUDY, "--name", "s", "--device", "cpu"], "write", {}, /option --device: the server at/],
      [[...STUDY, "--name", "s", "--tasks", "a.json"], "write", {}, /task file a\.json: the server at/],
      [
        ["export", "--compare", "nothing", "--format", "latex", "--out", out("x")],
        "read",
        {},
        /NOT_FOUND: server http\S+: comparison nothing/,
      ],
    ];
    for (const [args, role, env, message] of cases) {
      const { code, stdout, stderr } = await remote(args, role, { RECALLSCOPE_DEBUG: "1", ...env });
      expect(stderr).toMatch(message);
      expect([code, stdout]).toEqual([1, ""]);
      for (const secret of [tokens.read, tokens.write, "rs_nobody"]) expect(stderr).not.toContain(secret);
    }
  });
});

describe("what is no fitting server", () => {
  let impostor: Server;
  let body = "";
  let address: string;
  beforeAll(async () => {
    impostor = createServer((_request, response) => response.end(body));
    await new Promise<void>((resolve) => impostor.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(impostor.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => impostor.close(resolve)));

  it.each([
    [
      "another version",
      `{"data":{"server":{"engineVersion":"9.9.9","semanticsVersion":2}}}`,
      /has engine 9\.9\.9 .*use the command line of its version/,
    ],
    [
      "one too old to say",
      `{"errors":[{"message":"Cannot query field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`,
      /is older than this command line/,
    ],
    ["something else", "<html>", /no answer of a Recallscope server/],
  ])("%s", async (_, answer, message) => {
    body = answer;
    const { code, stderr } = await remote(["list"], "read", { RECALLSCOPE_SERVER: address });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain(tokens.read);
    expect(code).toBe(1);
  });

  it("nobody at all", async () => {
    const { code, stderr } = await remote(["list"], "read", { RECALLSCOPE_SERVER: "http://127.0.0.1:9" });
    expect(stderr).toMatch(/server http:\/\/127\.0\.0\.1:9 does not answer \([\w ]+\): is the address right/);
    expect(code).toBe(1);
  });
});

describe("named by flags and environment", () => {
  const environment = { server: "https://team.example/recall/", token: "rs_team" };
  it.each([
    [{}, {}, null],
    [{}, environment, { url: "https://team.example/recall", token: "rs_team", remote: true }],
    [
      { server: "https://team.example/recall" },
      environment,
      { url: "https://team.example/recall", token: "rs_team", remote: true },
    ],
    [
      { server: "http://other.example" },
      { token: "rs_any" },
      { url: "http://other.example", token: "rs_any", remote: true },
    ],
    // The token of one server is not shown to another.
    [
      { server: "http://other.example" },
      environment,
      { url: "http://other.example", token: null, remote: true },
    ],
    [
      { server: "http://other.example", token: "rs_own" },
      environment,
      { url: "http://other.example", token: "rs_own", remote: true },
    ],
  ])("%j %j", (flags, env, expected) => {
    expect(namedServer(flags, env)).toEqual(expected);
  });

  it.each([
    [{ token: "rs_x" }, {}, /none is named/],
    [{}, { server: "team.example" }, /RECALLSCOPE_SERVER: Allowed: an address/],
    [{}, { server: "ftp://team.example" }, /RECALLSCOPE_SERVER/],
  ])("refuses %j %j", (flags, env, message) => {
    expect(() => namedServer(flags, env)).toThrow(message);
  });

  it("does not repeat a token that is none", () => {
    expect(() => namedServer({ server: "http://a.example", token: "rs_secret\n" }, {})).toThrow(
      /^token: (?!.*rs_secret)/,
    );
  });
});
