import { setTimeout as pause } from "node:timers/promises";
import { EngineError, type ErrorCode, type RunReport, type RunSettings } from "@recallscope/engine";
import type { Progress } from "../progress.ts";

const POLL_MS = 500;

export interface RemoteRun {
  id: string;
  key: string;
  created: boolean;
  report: RunReport;
}
interface RemoteState {
  key: string;
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  progress: Progress | null;
  error: { code: string; message: string } | null;
}
interface CallOptions {
  /** Where the server needs one. */
  token?: string | null;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/**
 * Has a running server make the run, for it alone may open the embedded database; follows it to its end.
 * @throws EngineError with the run's own code when it fails, CANCELLED after `signal`
 */
export async function runOnServer(
  url: string,
  request: { model: string; task: string; settings: RunSettings; force: boolean },
  { signal, onProgress, token = null }: CallOptions,
): Promise<RemoteRun> {
  const graphql = <T>(query: string, variables: unknown) => askServer<T>(url, query, variables, token);
  const { createRun } = await graphql<{ createRun: { created: boolean; run: { id: string; key: string } } }>(
    CREATE,
    { input: request },
  );
  const { id, key } = createRun.run;
  const cancel = () => void graphql(CANCEL, { input: { id } }).catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const { run } = await graphql<{ run: RemoteState | null }>(STATE, { id });
      if (run === null)
        throw new EngineError("ENGINE_FAILED", `run ${key} was deleted on ${url} before it had finished`);
      if (run.progress) onProgress(run.progress);
      if (run.status === "SUCCEEDED")
        return { id, key: run.key, created: createRun.created, report: await fetchReport(url, id, token) };
      if (run.status === "CANCELLED") throw new EngineError("CANCELLED", `run ${key} was cancelled`);
      if (run.status === "FAILED") throw failure(run.error, key);
      await pause(POLL_MS);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

const CREATE = `mutation ($input: CreateRunInput!) { createRun(input: $input) { created run { id key } } }`;
const CANCEL = `mutation ($input: CancelRunInput!) { cancelRun(input: $input) { run { id } } }`;
const STATE = `query ($id: ID!) { run(id: $id) { key status progress { step fraction message } error { code message } } }`;

const failure = (error: RemoteState["error"], key: string): EngineError =>
  new EngineError((error?.code ?? "ENGINE_FAILED") as ErrorCode, error?.message ?? `run ${key} failed`);

/** Asks a server in GraphQL. @throws EngineError with the code of the first error */
export async function askServer<T>(
  url: string,
  query: string,
  variables: unknown,
  token: string | null,
): Promise<T> {
  const response = await reach(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(token) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as {
    data?: T;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  const first = errors?.[0];
  if (first) throw new EngineError((first.extensions?.code ?? "ENGINE_FAILED") as ErrorCode, first.message);
  return data as T;
}

async function fetchReport(url: string, id: string, token: string | null): Promise<RunReport> {
  const response = await reach(`${url}/runs/${encodeURIComponent(id)}/report.json`, {
    headers: bearer(token),
  });
  if (!response.ok) throw new Error(`server ${url}: no report of run ${id} (HTTP ${response.status})`);
  return (await response.json()) as RunReport;
}

/** The header that carries a token. */
export const bearer = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Asks a server. @throws Error saying that it does not answer */
export async function reach(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new Error(`server ${new URL(url).origin} does not answer: start it again, or stop it to run here`, {
      cause: error,
    });
  }
}
