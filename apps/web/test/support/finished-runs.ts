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
  data?: {
    waiting: { totalCount: number };
    finished: {
      edges: { node: { id: string; key: string; model: { name: string }; task: { slug: string } } }[];
    };
  };
  errors?: { message: string }[];
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
    const { waiting, finished } = await ask(url);
    if (waiting.totalCount === 0 && finished.edges.length >= AT_LEAST)
      return finished.edges
        .map(({ node }) => ({ id: node.id, key: node.key, model: node.model.name, task: node.task.slug }))
        .reverse();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`the first runs of ${url} were not finished within ${LIMIT_MS / 1000} s`);
}

async function ask(url: string): Promise<NonNullable<Answer["data"]>> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: QUERY }),
  });
  const { data, errors } = (await response.json()) as Answer;
  if (!data) throw new Error(`${url} refuses to list its runs: ${errors?.map(({ message }) => message)}`);
  return data;
}
