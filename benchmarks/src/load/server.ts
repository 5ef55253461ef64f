import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../../../apps/api/src/env.ts";
import { ask } from "./client.ts";

export interface LoadedServer {
  url: string;
  stop(): Promise<void>;
}

/** `npm start` on a PostgreSQL, without building anything. */
export async function startServer(databaseUrl: string, port: number): Promise<LoadedServer> {
  const child = spawn(process.execPath, ["--import", "tsx", path.join(ROOT, "apps/api/src/main.ts")], {
    cwd: ROOT,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      HOST: "127.0.0.1",
      NODE_ENV: "production",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<never>((_, reject) =>
    child.once("exit", (code) => reject(new Error(`the server ended with exit code ${code}`))),
  );
  gone.catch(() => {});
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("Recallscope is ready")) resolve();
    });
  });
  await Promise.race([ready, gone]);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGTERM");
      await gone.catch(() => {});
    },
  };
}

const CREATE = `mutation ($input: CreateRunInput!) { createRun(input: $input) { run { id status } } }`;
const STATES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Run { status progress { fraction } } } }`;
const CANCEL = `mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }`;

/** Queues a run of a bundled model that nobody has asked for before. @returns its id */
export async function queueRun(url: string, seed: number, task = "country-capital"): Promise<string> {
  const input = { model: "recall-gpt2", task, settings: { seed, leadIns: 4 }, force: true };
  const { createRun } = await ask<{ createRun: { run: { id: string } } }>(url, CREATE, { input });
  return createRun.run.id;
}

export interface RunState {
  status: string;
  progress: { fraction: number } | null;
}
export const statesOf = async (url: string, ids: readonly string[]): Promise<RunState[]> =>
  (await ask<{ nodes: RunState[] }>(url, STATES, { ids })).nodes;

/** Keeps the engine busy until `end`, which fails when it was not busy all the time. */
export async function keepComputing(url: string): Promise<{ end(): Promise<void> }> {
  const ids: string[] = [];
  for (let seed = 0; seed < QUEUED; seed++) ids.push(await queueRun(url, 1_000_000 + seed));
  while (!(await statesOf(url, ids)).some(({ progress }) => (progress?.fraction ?? 0) > 0))
    await pause(POLL_MS);
  return {
    end: async () => {
      const states = await statesOf(url, ids);
      for (const [i, { status }] of states.entries())
        if (status === "QUEUED" || status === "RUNNING") await ask(url, CANCEL, { id: ids[i] });
      const failed = states.find(({ status }) => status === "FAILED");
      if (failed) throw new Error("a run that should have kept the engine busy failed");
      if (!states.some(({ status }) => status === "RUNNING"))
        throw new Error(`all ${QUEUED} runs were over before the measurements: queue more`);
    },
  };
}

const QUEUED = 12;
const POLL_MS = 200;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
