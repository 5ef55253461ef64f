import type { Connection } from "./connection.ts";
import { entriesOf } from "./pages.ts";
import { askServer } from "./server.ts";

export interface Listed {
  models: { name: string }[];
  tasks: { slug: string; title: string; factCount: number }[];
  /** The newest. */
  runs: {
    key: string;
    status: string;
    createdAt: string;
    model: { name: string };
    task: { slug: string };
    settings: { shots: number };
  }[];
  runCount: number;
}

const SHOWN_RUNS = 20;
const RUNS = `query ($first: Int!) { runs(first: $first) { totalCount edges { node { key status createdAt model { name } task { slug } settings { shots } } } } }`;

/** What a server has: all models and tasks, and its newest runs. */
export async function listOfServer(connection: Connection): Promise<Listed> {
  const { runs } = await askServer<{
    runs: { totalCount: number; edges: { node: Listed["runs"][number] }[] };
  }>(connection, RUNS, { first: SHOWN_RUNS });
  return {
    models: await entriesOf(connection, "models", "name"),
    tasks: await entriesOf(connection, "tasks", "slug title factCount"),
    runs: runs.edges.map(({ node }) => node),
    runCount: runs.totalCount,
  };
}
