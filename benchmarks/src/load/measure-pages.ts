import { ask, percentile, timed } from "./client.ts";
import { documents } from "./documents.ts";
import type { Timing } from "./load-report.ts";

/** As the dashboard asks for them. */
const PAGE = 50;
const FAR = 100;

interface Variant {
  name: string;
  filter: Record<string, unknown>;
  /** How far into the list the page lies, as a share of it. */
  depth?: number;
  orderBy?: { by: string; direction: string };
}

const VARIANTS: readonly Variant[] = [
  { name: "newest runs", filter: {} },
  { name: "the middle of the list", filter: {}, depth: 0.5 },
  { name: "the end of the list", filter: {}, depth: 0.98 },
  { name: "finished runs", filter: { status: ["SUCCEEDED"] } },
  { name: "failed runs", filter: { status: ["FAILED"] } },
  { name: "failed runs, the middle", filter: { status: ["FAILED"] }, depth: 0.5 },
  { name: "runs of a model", filter: { model: "owner/model-7" } },
  { name: "runs of a task", filter: { task: "country-capital" } },
  { name: "runs with two shots", filter: { shots: 2 } },
  {
    name: "a model, a task, a state",
    filter: { model: "owner/model-3", task: "element-symbol", status: ["SUCCEEDED"] },
  },
  { name: "text in the name of models", filter: { text: "MODEL-1" } },
  { name: "text in the title of tasks", filter: { text: "capital" } },
  { name: "text in few names, the middle", filter: { text: "model-19" }, depth: 0.5 },
  { name: "text in no name", filter: { text: "zzzz" } },
  { name: "by the name of the model", filter: {}, orderBy: { by: "MODEL", direction: "ASC" } },
  { name: "by the task, the middle", filter: {}, depth: 0.5, orderBy: { by: "TASK", direction: "ASC" } },
  { name: "the most accurate first", filter: {}, orderBy: { by: "TOP1", direction: "DESC" } },
  { name: "by R², the middle", filter: {}, depth: 0.5, orderBy: { by: "R2_HELD_OUT", direction: "ASC" } },
  { name: "last finished first", filter: {}, orderBy: { by: "FINISHED", direction: "DESC" } },
];

interface Page {
  runs: { totalCount: number; edges: unknown[]; pageInfo: { endCursor: string | null } };
}

/** Each variant so often, taking turns. @returns times by variant, then all together */
export async function measurePages(
  url: string,
  rounds: number,
): Promise<{ variants: Timing[]; all: Timing }> {
  const asked: { name: string; variables: Record<string, unknown>; times: number[] }[] = [];
  for (const { name, filter, depth, orderBy } of VARIANTS) {
    const list = { filter, ...(orderBy && { orderBy }) };
    const after = await cursorAt(url, list, depth ?? 0);
    asked.push({ name, variables: { ...list, first: PAGE, after }, times: [] });
  }
  for (let round = 0; round < rounds; round++)
    for (const { variables, times } of asked)
      times.push(await timed(() => ask<Page>(url, documents.runs, variables)));
  return {
    variants: asked.map(({ name, times }) => timing(name, times)),
    all: timing(
      "all of them",
      asked.flatMap(({ times }) => times),
    ),
  };
}

export const timing = (name: string, times: readonly number[]): Timing => ({
  name,
  count: times.length,
  medianMs: percentile(times, 0.5),
  p95Ms: percentile(times, 0.95),
  worstMs: Math.max(...times),
});

/** By turning pages, as somebody would who gets there. */
async function cursorAt(url: string, list: Record<string, unknown>, depth: number): Promise<string | null> {
  let after: string | null = null;
  for (let seen = 0, total = Number.POSITIVE_INFINITY; seen + FAR <= depth * total; seen += FAR) {
    const { runs }: Page = await ask<Page>(url, TURN, { ...list, first: FAR, after });
    total = runs.totalCount;
    if (runs.pageInfo.endCursor === null) break;
    after = runs.pageInfo.endCursor;
  }
  return after;
}

const TURN = `query ($first: Int!, $after: String, $filter: RunFilter, $orderBy: RunOrder) {
  runs(first: $first, after: $after, filter: $filter, orderBy: $orderBy) { totalCount pageInfo { endCursor } edges { cursor } } }`;
