import path from "node:path";
import { freePort, startPostgres } from "../test/support/postgres.ts";
import { realServer, realWorker, type ServerProcess } from "../test/support/process.ts";

export type Part = "server" | "api" | "worker" | "database";

/** The platform as real processes, whose parts can be killed and started again. */
export interface FaultyPlatform {
  url: string;
  kill(part: Part): Promise<void>;
  restart(part: Part): Promise<void>;
  end(): Promise<void>;
}

const ready = async (server: ServerProcess): Promise<ServerProcess> => {
  await server.says("Recallscope");
  return server;
};
const one = { RECALLSCOPE_ACCESS: "open", RECALLSCOPE_RATE_LIMIT: "0", RECALLSCOPE_FIRST_RUNS: "off" };

/** One process with everything, on a data folder. */
export async function embeddedPlatform(folder: string): Promise<FaultyPlatform> {
  const port = await freePort();
  const start = () => ready(realServer(path.join(folder, "embedded"), port, one));
  let server = await start();
  return {
    url: `http://127.0.0.1:${port}`,
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      server = await start();
    },
    end: () => server.end("SIGTERM"),
  };
}

/** PostgreSQL, a server that computes nothing, and a worker. */
export async function teamPlatform(folder: string, name: string): Promise<FaultyPlatform> {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase("team");
  const port = await freePort();
  const startApi = () =>
    ready(
      realServer(path.join(folder, name), port, {
        ...one,
        DATABASE_URL: databaseUrl,
        RECALLSCOPE_WORKER: "off",
      }),
    );
  const startWorker = () => ready(realWorker(databaseUrl));
  let api = await startApi();
  let worker = await startWorker();
  return {
    url: `http://127.0.0.1:${port}`,
    kill: async (part) => {
      if (part === "api") await api.end("SIGKILL");
      else if (part === "worker") await worker.end("SIGKILL");
      else await postgres.stop("SIGKILL");
    },
    restart: async (part) => {
      if (part === "api") api = await startApi();
      else if (part === "worker") worker = await startWorker();
      else await postgres.start();
      // Whatever happened to the database, the processes on it have to live through it.
      for (const [own, { child }] of [
        ["api", api],
        ["worker", worker],
      ] as const)
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${own} ended by itself when ${part} was killed`);
    },
    end: async () => {
      await worker.end("SIGTERM");
      await api.end("SIGTERM");
      await postgres.remove();
    },
  };
}
