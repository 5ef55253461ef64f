import { createHash } from "node:crypto";
import { ask } from "../test/support/process.ts";

/** What is asked under faults: cut into several shards of facts and some further analyses, and done in seconds. */
const REQUEST = {
  model: "recall-gpt2-1m",
  task: "country-capital",
  settings: {
    leadIns: 4,
    bootstrapSamples: 100,
    analyses: ["source-attribution", "ov-circuit"],
  },
  force: true,
};
const CREATE = `mutation ($input: CreateRunInput!) { createRun(input: $input) { run { id } } }`;
const LIST = `query ($after: String) { runs(first: 100, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { id status error { code message } } } } }`;

export interface RunState {
  id: string;
  status: string;
  error: { code: string; message: string } | null;
}

/** Asks for a run until the server says that it has it; what it did before it died is not known. @returns the run, and how often it was asked */
export async function createRun(url: string, seed: number): Promise<{ id: string; asked: number }> {
  for (let asked = 1; ; asked++) {
    try {
      const input = { ...REQUEST, settings: { ...REQUEST.settings, seed } };
      const answer = await ask<{ createRun: { run: { id: string } } }>(url, CREATE, { input });
      return { id: answer.createRun.run.id, asked };
    } catch (error) {
      if (asked > 200) throw error;
      await pause(200);
    }
  }
}

export async function allRuns(url: string): Promise<RunState[]> {
  const runs: RunState[] = [];
  for (let after: string | null = null; ; ) {
    type Page = {
      runs: {
        totalCount: number;
        pageInfo: { hasNextPage: boolean; endCursor: string };
        edges: { node: RunState }[];
      };
    };
    const { runs: page }: Page = await ask<Page>(url, LIST, { after });
    runs.push(...page.edges.map(({ node }) => node));
    if (!page.pageInfo.hasNextPage) return runs;
    after = page.pageInfo.endCursor;
  }
}

/** Waits until no run waits or is computed. @throws where that takes longer than `seconds` */
export async function settled(url: string, seconds: number): Promise<RunState[]> {
  let last: unknown = null;
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await pause(250)) {
    try {
      const runs = await allRuns(url);
      if (runs.every(({ status }) => status !== "QUEUED" && status !== "RUNNING")) return runs;
      last = runs.filter(({ status }) => status === "QUEUED" || status === "RUNNING");
    } catch (error) {
      last = error;
    }
  }
  throw new Error(
    `runs are not in a final state after ${seconds} s: ${JSON.stringify(last)} ${String(last)}`,
  );
}

/** Of everything a run found, to the last bit of every array; times and versions are left out. */
export async function fingerprintOf(url: string, id: string): Promise<string> {
  const response = await fetch(`${url}/runs/${id}/report.json`);
  if (!response.ok) throw new Error(`report of ${id}: ${response.status} ${await response.text()}`);
  const { receipt: _, ...report } = (await response.json()) as Record<string, unknown>;
  return createHash("sha256").update(JSON.stringify(report)).digest("hex");
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
