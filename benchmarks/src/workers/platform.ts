import { execFileSync } from "node:child_process";
import { freePort, startPostgres } from "../../../apps/api/test/support/postgres.ts";
import { realServer, realWorker, type ServerProcess } from "../../../apps/api/test/support/process.ts";

/**
 * PostgreSQL, a server that computes nothing, and so many workers of one thread, each on a core of its own; server and database
 * run wherever there is room, as they would on a machine of their own beside one worker.
 */
export async function withWorkers<T>(
  workers: number,
  folder: string,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const postgres = await startPostgres();
  const processes: ServerProcess[] = [];
  try {
    const databaseUrl = await postgres.createDatabase("team");
    const port = await freePort();
    const server = realServer(folder, port, {
      DATABASE_URL: databaseUrl,
      RECALLSCOPE_WORKER: "off",
      RECALLSCOPE_ACCESS: "open",
      RECALLSCOPE_RATE_LIMIT: "0",
      RECALLSCOPE_FIRST_RUNS: "off",
    });
    processes.push(server);
    await server.says("Recallscope");
    for (let core = 0; core < workers; core++) {
      const worker = realWorker(databaseUrl, {
        RECALLSCOPE_THREADS: "1",
        RECALLSCOPE_WORKER_NAME: `worker-${core}`,
      });
      processes.push(worker);
      pin(worker, core);
      await worker.says("Recallscope");
    }
    return await use(`http://127.0.0.1:${port}`);
  } finally {
    for (const process of processes.reverse()) await process.end("SIGTERM");
    await postgres.remove();
  }
}

/** Its threads to come stay on that core too. @throws Error where the system has no `taskset` (Linux has, in util-linux) */
function pin({ child }: ServerProcess, core: number): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(core), String(child.pid)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}
