import { ApiError } from "./errors.ts";
import { usualMemory } from "./jobs/memory-class.ts";
import { runProcess } from "./process.ts";
import { startWorker } from "./start.ts";

/** The process behind `npm run worker`: takes runs from the team's PostgreSQL, on any machine that reaches it. */
await runProcess(
  (options) => {
    if (options.config.databaseUrl === null)
      throw new ApiError(
        "BAD_ENVIRONMENT",
        "environment variable DATABASE_URL: not set; a worker needs the team's PostgreSQL (postgresql://user:password@host:5432/database), as the embedded database belongs to one process, which computes its runs itself (npm start)",
      );
    return startWorker(options);
  },
  (_worker, { worker: { name, memory, threads } }) =>
    `Recallscope is ready: worker ${name} looks for runs\n  memory   ${Math.floor((memory ?? usualMemory()) / 2 ** 30)} GB\n  threads  ${threads ?? "all cores"}`,
);
