import { ask } from "../load/client.ts";

/** Small models and many runs are the hardest case: each run costs its queueing and its writes. */
const MODELS = ["recall-gpt2", "recall-opt", "recall-llama"];
const TASKS = ["country-capital", "country-language", "element-symbol", "verb-past"];
export const RUNS = MODELS.length * TASKS.length;

const CREATE = `mutation ($input: CreateStudyInput!) { createStudy(input: $input) { study { id } } }`;
const STATE = `query ($id: ID!) { study(id: $id) { cells(first: 100) { edges { node { run {
  status error { message } shards { worker } } } } } } }`;

interface Run {
  status: string;
  error: { message: string } | null;
  shards: { worker: string | null }[];
}
interface State {
  study: { cells: { edges: { node: { run: Run } }[] } };
}

export interface StudyTime {
  seconds: number;
  /** Runs whose shards were computed by more than one worker. */
  sharedRuns: number;
}

/** Asks for the study and waits for its last run. @throws Error where a run does not succeed */
export async function timeStudy(url: string): Promise<StudyTime> {
  const input = { name: "Workers", models: MODELS, tasks: TASKS };
  const begun = performance.now();
  const { createStudy } = await ask<{ createStudy: { study: { id: string } } }>(url, CREATE, { input });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const { study } = await ask<State>(url, STATE, { id: createStudy.study.id });
    const runs = study.cells.edges.map(({ node }) => node.run);
    const lost = runs.find(({ status }) => status === "FAILED" || status === "CANCELLED");
    if (lost) throw new Error(`a run ended ${lost.status}: ${lost.error?.message ?? "no reason is stored"}`);
    if (runs.length === RUNS && runs.every(({ status }) => status === "SUCCEEDED"))
      return { seconds: (performance.now() - begun) / 1000, sharedRuns: runs.filter(isShared).length };
  }
}

const isShared = ({ shards }: Run): boolean => new Set(shards.map(({ worker }) => worker)).size > 1;

const POLL_MS = 250;
