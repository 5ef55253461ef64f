import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelsFolder } from "./support/platform.ts";
import { type PostgresServer, postgresPrograms, query, startPostgres } from "./support/postgres.ts";
import { ask, fakeServer, killAll, type ServerProcess } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

const MINUTES = { timeout: 240_000 };
let folder: string;
let models: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-backup-"));
  models = await modelsFolder("demo");
});
afterAll(async () => {
  killAll();
  await rm(folder, { recursive: true, force: true });
  await rm(models, { recursive: true, force: true });
});

const createRun = async (url: string, seed: number) => {
  const text = `mutation ($seed: Int!) { createRun(input: { model: "demo", task: "country-capital", settings: { seed: $seed } }) { created run { id } } }`;
  return (await ask<{ createRun: { created: boolean; run: { id: string } } }>(url, text, { seed })).createRun;
};
const statusOf = async (url: string, id: string) =>
  (await ask<{ run: { status: string } }>(url, `query ($id: ID!) { run(id: $id) { status } }`, { id })).run
    .status;
const finished = async (url: string, id: string) =>
  expect.poll(() => statusOf(url, id), { timeout: 60_000 }).toBe("SUCCEEDED");

/** Everything a server says about a run, as bytes. */
async function everything(url: string, id: string): Promise<string[]> {
  const files = ["report.json", "arrays.safetensors", "run.bundle", "tables/heads.csv"];
  const bytes = await Promise.all(
    files.map(async (file) => {
      const response = await fetch(`${url}/runs/${id}/${file}`);
      expect(response.status, file).toBe(200);
      return Buffer.from(await response.arrayBuffer()).toString("base64");
    }),
  );
  const list = `{ runs { totalCount edges { cursor node { id key status createdAt finishedAt summary { topMover } receipt { startedAt } } } } }`;
  return [...bytes, JSON.stringify(await ask(url, list))];
}

/** A restored store answers as the one it was made of did, knows its runs, and goes on where that stopped. */
async function goesOn(
  server: ServerProcess,
  { id, before }: { id: string; before: string[] },
  waiting: string,
) {
  const url = await server.says("ready");
  await finished(url, waiting);
  expect((await everything(url, id)).slice(0, -1)).toEqual(before.slice(0, -1));
  expect(await createRun(url, 1)).toEqual({ created: false, run: { id } });
  const { created, run } = await createRun(url, 3);
  expect(created).toBe(true);
  await finished(url, run.id);
  await server.end("SIGTERM");
}

it("a copy of the data folder is a backup, as docs/operation.md says", MINUTES, async () => {
  const data = path.join(folder, "data");
  await templateFolder(data);
  const first = fakeServer(data, models, 4, 20);
  const url = await first.says("ready");
  const { run } = await createRun(url, 1);
  await finished(url, run.id);
  const before = await everything(url, run.id);
  await first.end("SIGTERM");
  const slow = fakeServer(data, models, 10_000, 50);
  const unfinished = (await createRun(await slow.says("ready"), 2)).run.id;
  await slow.end("SIGTERM");

  await cp(data, path.join(folder, "copy"), { recursive: true, preserveTimestamps: true });
  await rm(data, { recursive: true });
  await goesOn(fakeServer(path.join(folder, "copy"), models, 4, 20), { id: run.id, before }, unfinished);
});

describe.skipIf(postgresPrograms === null)("on PostgreSQL", () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: "off" });
  }, 120_000);
  afterAll(() => postgres.remove());

  it("a dump, made while a run is computed, is a backup, as docs/operation.md says", MINUTES, async () => {
    const original = await postgres.createDatabase("original");
    const first = fakeServer("", models, 4, 20, { DATABASE_URL: original });
    const url = await first.says("ready");
    const { run } = await createRun(url, 1);
    await finished(url, run.id);
    const before = await everything(url, run.id);
    await first.end("SIGTERM");
    const slow = fakeServer("", models, 10_000, 50, { DATABASE_URL: original });
    const slowUrl = await slow.says("ready");
    const unfinished = (await createRun(slowUrl, 2)).run.id;
    await expect.poll(() => statusOf(slowUrl, unfinished), { timeout: 30_000 }).toBe("RUNNING");

    const dump = path.join(folder, "recallscope.dump");
    const program = (name: string, args: string[]) =>
      promisify(execFile)(path.join(postgresPrograms!, name), args);
    await program("pg_dump", ["--format=custom", `--file=${dump}`, original]);
    await slow.end("SIGTERM");
    await query(postgres.url(), "drop database original with (force)");
    const restored = await postgres.createDatabase("restored");
    await program("pg_restore", ["--no-owner", "--exit-on-error", `--dbname=${restored}`, dump]);
    await goesOn(
      fakeServer("", models, 4, 20, { DATABASE_URL: restored }),
      { id: run.id, before },
      unfinished,
    );
  });
});
