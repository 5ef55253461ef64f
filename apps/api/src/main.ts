import { runProcess } from "./process.ts";
import { start } from "./start.ts";

/** The process behind `npm start`: database, worker, GraphQL and dashboard in one. */
await runProcess(
  (options) => start({ ...options, firstRuns: options.config.firstRuns }),
  ({ url }) => `Recallscope is ready\n  dashboard  ${url}\n  GraphQL    ${url}/graphql`,
);
