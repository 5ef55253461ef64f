import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findServer, openStore } from "../src/index.ts";
import { modelsFolder } from "./support/platform.ts";
import { ask, fakeServer, killAll } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

/** Several processes one after the other, perhaps on a busy machine. */
const MINUTES = { timeout: 240_000 };

let data: string;
let models: string;
beforeAll(async () => {
  data = await mkdtemp(path.join(os.tmpdir(), "recallscope-restart-"));
  models = await modelsFolder("demo");
  await templateFolder(data);
});
afterAll(async () => {
  killAll();
  await rm(data, { recursive: true, force: true });
  await rm(models, { recursive: true, force: true });
});

interface RunState {
  id: string;
  status: string;
  summary: { topMover: string } | null;
  prompts: { totalCount: number };
  startedAt: string;
}
const createRun = async (url: string, seed: number) =>
  (
    await ask<{ createRun: { run: { id: string } } }>(
      url,
      `mutation ($seed: Int!) { createRun(input: { model: "demo", task: "country-capital", settings: { seed: $seed } }) { run { id } } }`,
      { seed },
    )
  ).createRun.run.id;
const stateOf = async (url: string, id: string) =>
  (
    await ask<{ run: RunState }>(
      url,
      `query ($id: ID!) { run(id: $id) { id status startedAt summary { topMover } prompts { totalCount } } }`,
      { id },
    )
  ).run;
async function reaches(url: string, id: string, ...states: string[]): Promise<RunState> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const run = await stateOf(url, id);
    if (states.includes(run.status)) return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`run did not reach ${states}`);
}

it("loses nothing that was finished by kill -9, and takes up what was not by itself", MINUTES, async () => {
  const first = fakeServer(data, models, 4, 20);
  const finished = await createRun(await first.says("ready"), 1);
  await reaches(await first.says("ready"), finished, "SUCCEEDED");

  // A second process is refused by name, and leaves the first alone.
  const second = fakeServer(data, models, 4, 20);
  const refusal = await second.says("failed");
  expect(refusal).toContain(`FOLDER_LOCKED data folder ${data}: in use by process ${first.child.pid}`);
  expect(refusal).toContain(await first.says("ready"));
  expect(await findServer(data)).toBe(await first.says("ready"));
  await expect(openStore({ dataFolder: data })).rejects.toMatchObject({ code: "FOLDER_LOCKED" });
  await first.end("SIGKILL");
  expect(await findServer(data)).toBeNull();

  // Killed while one run is computed and another one waits; twice.
  const slow = fakeServer(data, models, 1000, 50);
  const interrupted = await createRun(await slow.says("ready"), 2);
  const waiting = await createRun(await slow.says("ready"), 3);
  await reaches(await slow.says("ready"), interrupted, "RUNNING");
  await slow.end("SIGKILL");
  const again = fakeServer(data, models, 1000, 50);
  expect(await again.says("step   2 unfinished")).toBe("runs queued again");
  await reaches(await again.says("ready"), interrupted, "RUNNING");
  await again.end("SIGKILL");

  const last = fakeServer(data, models, 4, 20);
  const url = await last.says("ready");
  expect(await stateOf(url, finished)).toMatchObject({
    status: "SUCCEEDED",
    summary: { topMover: "L1H1" },
    prompts: { totalCount: 6 },
  });
  for (const id of [interrupted, waiting])
    expect(await reaches(url, id, "SUCCEEDED", "FAILED")).toMatchObject({
      status: "SUCCEEDED",
      prompts: { totalCount: 6 },
    });
  await last.end("SIGTERM");
});

it("gives a run that is being computed back to the queue when it is asked to end", MINUTES, async () => {
  const slow = fakeServer(data, models, 1000, 50);
  const url = await slow.says("ready");
  const id = await createRun(url, 4);
  await reaches(url, id, "RUNNING");
  const asked = Date.now();
  await slow.end("SIGTERM");
  expect(Date.now() - asked).toBeLessThan(5_000);
  expect(slow.child.exitCode).toBe(0);
  expect(await findServer(data)).toBeNull();
  const next = fakeServer(data, models, 4, 20);
  expect((await reaches(await next.says("ready"), id, "SUCCEEDED")).status).toBe("SUCCEEDED");
  await next.end("SIGTERM");
});

it("survives kill -9 while the database is made", MINUTES, async () => {
  const fresh = path.join(data, "fresh");
  for (const [step, ms] of [
    ["making", 700],
    ["opening", 1_500],
    ["applying", 30],
  ] as const) {
    const server = fakeServer(fresh, models, 4, 20);
    await server.says(step === "opening" ? "step" : `step ${step}`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await server.end("SIGKILL");
  }
  const server = fakeServer(fresh, models, 4, 20);
  const url = await server.says("ready");
  const id = await createRun(url, 1);
  expect((await reaches(url, id, "SUCCEEDED", "FAILED")).status).toBe("SUCCEEDED");
  await server.end("SIGTERM");
});
