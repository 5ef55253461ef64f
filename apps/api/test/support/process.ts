import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../../src/env.ts";

export interface ServerProcess {
  child: ChildProcess;
  lines: string[];
  /** Resolves with the rest of the first line that begins so. */
  says(word: string): Promise<string>;
  /** Ends it and waits until it is gone. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

const children = new Set<ChildProcess>();
export const killAll = () => {
  for (const child of children) child.kill("SIGKILL");
};

/** Starts fake-server.ts on a data folder, or on what `env` says. */
export const fakeServer = (
  dataFolder: string,
  models: string,
  steps: number,
  stepMs: number,
  env: Record<string, string> = {},
): ServerProcess =>
  serverProcess([path.join(import.meta.dirname, "fake-server.ts"), models, String(steps), String(stepMs)], {
    RECALLSCOPE_DATA: dataFolder,
    ...env,
  });

/** Starts what `npm start` starts. */
export const realServer = (
  dataFolder: string,
  port: number,
  env: Record<string, string> = {},
): ServerProcess =>
  serverProcess([path.join(ROOT, "apps/api/src/main.ts")], {
    RECALLSCOPE_DATA: dataFolder,
    PORT: String(port),
    HOST: "127.0.0.1",
    NODE_ENV: "production",
    ...env,
  });

/** Starts what `npm run worker` starts. */
export const realWorker = (databaseUrl: string, env: Record<string, string> = {}): ServerProcess =>
  serverProcess([path.join(ROOT, "apps/api/src/worker.ts")], {
    DATABASE_URL: databaseUrl,
    NODE_ENV: "production",
    ...env,
  });

/** Starts engine-server.ts on a data folder: any free port, real numbers, nothing measured before it is asked for. */
export const engineServer = (dataFolder: string, env: Record<string, string> = {}): ServerProcess =>
  serverProcess([path.join(import.meta.dirname, "engine-server.ts")], {
    RECALLSCOPE_DATA: dataFolder,
    ...env,
  });

function serverProcess(program: string[], env: Record<string, string>): ServerProcess {
  const child = spawn(process.execPath, ["--import", "tsx", ...program], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  const lines: string[] = [];
  const waiting: { word: string; resolve: (rest: string) => void }[] = [];
  const errors: string[] = [];
  child.stderr!.on("data", (part: Buffer) => errors.push(part.toString()));
  createInterface({ input: child.stdout! }).on("line", (line) => {
    lines.push(line);
    for (const { word, resolve } of waiting)
      if (line.startsWith(`${word} `)) resolve(line.slice(word.length + 1));
  });
  const gone = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  return {
    child,
    lines,
    says: (word) =>
      new Promise((resolve, reject) => {
        const line = lines.find((text) => text.startsWith(`${word} `));
        if (line) resolve(line.slice(word.length + 1));
        waiting.push({ word, resolve });
        void gone.then(() =>
          setTimeout(() => reject(new Error(`ended first: ${[...lines, ...errors].join("\n")}`)), 100),
        );
      }),
    end: async (signal) => {
      child.kill(signal);
      await gone;
      children.delete(child);
    },
  };
}

/** Asks the server at an address. */
export async function ask<T>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
