import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { bundledModels } from "@recallscope/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../src/env.ts";
import { ask, killAll, realServer, type ServerProcess } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

interface State {
  runs: {
    edges: {
      node: {
        id: string;
        status: string;
        error: { message: string } | null;
        receipt: { seconds: number; startedAt: string } | null;
        argumentPassing: { heads: { label: string; effect: { value: number } }[] } | null;
      };
    }[];
  };
}

let data: string;
beforeAll(async () => {
  data = await mkdtemp(path.join(os.tmpdir(), "recallscope-real-"));
  await templateFolder(data);
});
afterAll(async () => {
  killAll();
  await rm(data, { recursive: true, force: true });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

const stateOf = async (url: string) =>
  (
    await ask<State>(
      url,
      `{ runs(last: 100) { edges { node { id status error { message } receipt { seconds startedAt }
        argumentPassing { heads(orderBy: EFFECT, first: 3) { label effect { value } } } } } } }`,
    )
  ).runs.edges.map(({ node }) => node);

async function waitUntil(url: string, done: (runs: Awaited<ReturnType<typeof stateOf>>) => boolean) {
  for (const until = Date.now() + 480_000; ; ) {
    const runs = await stateOf(url);
    const failed = runs.find(({ status }) => status === "FAILED");
    if (failed) throw new Error(`a run failed: ${failed.error?.message}`);
    if (done(runs)) return runs;
    if (Date.now() > until) throw new Error(`not reached: ${JSON.stringify(runs)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it("computes the first runs live, and finishes the interrupted one after kill -9 without computing another twice", {
  timeout: 600_000,
}, async () => {
  const expected = (await bundledModels(path.join(ROOT, "models"))).length;
  expect(expected).toBeGreaterThan(2);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ready = (server: ServerProcess) => server.says("  GraphQL");

  const first = realServer(data, port);
  await ready(first);
  const before = await waitUntil(
    url,
    (runs) =>
      runs.length === expected &&
      runs.some(({ status }) => status === "SUCCEEDED") &&
      runs.some(({ status }) => status === "RUNNING"),
  );
  await first.end("SIGKILL");

  const second = realServer(data, port);
  await ready(second);
  const interrupted = before.filter(({ status }) => status === "RUNNING").map(({ id }) => id);
  const after = await waitUntil(url, (runs) =>
    runs.every(({ id, status }) => status === "SUCCEEDED" || !interrupted.includes(id)),
  );
  expect(after).toHaveLength(expected);
  const finished = after.filter(({ status }) => status === "SUCCEEDED");
  for (const run of before.filter(({ status }) => status === "SUCCEEDED"))
    expect(finished).toContainEqual(run);
  for (const { argumentPassing } of finished) {
    const values = argumentPassing!.heads.map(({ effect }) => effect.value);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(values[0]).toBeGreaterThan(0.1);
  }
  await second.end("SIGTERM");
  expect(second.child.exitCode).toBe(0);
});
