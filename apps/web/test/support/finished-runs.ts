import { ask } from "./ask.ts";

const LIMIT_MS = 450_000;
/** As many as the server makes by itself in an empty store. */
const AT_LEAST = 4;

export interface FinishedRun {
  id: string;
  /** The short content hash in the URLs of pages. */
  key: string;
  model: string;
  task: string;
}

interface Answer {
  waiting: { totalCount: number };
  finished: {
    edges: { node: { id: string; key: string; model: { name: string }; task: { slug: string } } }[];
  };
}

const QUERY = `{
  waiting: runs(first: 1, filter: { status: [QUEUED, RUNNING] }) { totalCount }
  finished: runs(first: 100, filter: { status: [SUCCEEDED] }) {
    edges { node { id key model { name } task { slug } } }
  }
}`;

/** Waits until the first runs are finished. @throws Error when they are not within the limit */
export async function finishedRuns(url: string): Promise<FinishedRun[]> {
  const limit = Date.now() + LIMIT_MS;
  while (Date.now() < limit) {
    const { waiting, finished } = await ask<Answer>(url, QUERY);
    if (waiting.totalCount === 0 && finished.edges.length >= AT_LEAST)
      return finished.edges
        .map(({ node }) => ({ id: node.id, key: node.key, model: node.model.name, task: node.task.slug }))
        .reverse();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`the first runs of ${url} were not finished within ${LIMIT_MS / 1000} s`);
}
