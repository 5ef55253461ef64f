import {
  type Device,
  EngineError,
  type ErrorCode,
  type RunReport,
  type RunSettings,
} from "@recallscope/engine";
import type { Progress } from "../progress.ts";
import type { Connection } from "./connection.ts";
import { follow } from "./follow.ts";
import { askServer, reach, refusalOf } from "./server.ts";

export interface RunRequest {
  model: string;
  task: string;
  settings: RunSettings;
  force: boolean;
  /** What it is to be computed on; left out: whatever the server's workers have. */
  device?: Device;
}
export interface RemoteRun {
  id: string;
  key: string;
  created: boolean;
}
/** A run as it is now. */
export interface RemoteState {
  key: string;
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  progress: Progress | null;
  error: { code: string; message: string } | null;
}
/** The fields of that. */
export const RUN_STATE = "key status progress { step fraction message } error { code message }";

export interface FollowOptions {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Asks a server for a run, and leaves it there. */
export async function queueOnServer(connection: Connection, request: RunRequest): Promise<RemoteRun> {
  const { createRun } = await askServer<{
    createRun: { created: boolean; run: { id: string; key: string } };
  }>(connection, CREATE, { input: request });
  return { ...createRun.run, created: createRun.created };
}

/**
 * Has a server make a run, and follows it to its end. `signal` cancels a run that was made for this request, and leaves one that was
 * there before.
 * @throws EngineError with the run's own code when it fails, CANCELLED after `signal`
 */
export async function runOnServer(
  connection: Connection,
  request: RunRequest,
  { signal, onProgress }: FollowOptions,
): Promise<RemoteRun & { report: RunReport }> {
  const run = await queueOnServer(connection, request);
  const cancel = () => {
    if (run.created) void askServer(connection, CANCEL, { input: { id: run.id } }).catch(() => {});
  };
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const see = (state: RemoteState | null) => {
      if (signal.aborted && !run.created)
        throw new EngineError(
          "CANCELLED",
          `run ${run.key} was there before and goes on at ${connection.url}`,
        );
      if (state?.progress) onProgress(state.progress);
      if (state?.status === "CANCELLED") throw new EngineError("CANCELLED", `run ${run.key} was cancelled`);
      if (state?.status === "FAILED") throw failure(state.error, run.key);
      return state?.status === "SUCCEEDED" ? state : undefined;
    };
    const { key } = await follow(connection, () => stateOf(connection, run), see, signal);
    return { ...run, key, report: await fetchReport(connection, run.id) };
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

const CREATE = `mutation ($input: CreateRunInput!) { createRun(input: $input) { created run { id key } } }`;
const CANCEL = `mutation ($input: CancelRunInput!) { cancelRun(input: $input) { run { id } } }`;
const STATE = `query ($id: ID!) { run(id: $id) { ${RUN_STATE} } }`;

async function stateOf(connection: Connection, { id, key }: RemoteRun): Promise<RemoteState> {
  const { run } = await askServer<{ run: RemoteState | null }>(connection, STATE, { id });
  if (run === null)
    throw new EngineError(
      "ENGINE_FAILED",
      `run ${key} was deleted on ${connection.url} before it had finished`,
    );
  return run;
}

const failure = (error: RemoteState["error"], key: string): EngineError =>
  new EngineError((error?.code ?? "ENGINE_FAILED") as ErrorCode, error?.message ?? `run ${key} failed`);

/** The whole report of a finished run. @param id id or key */
export async function fetchReport(connection: Connection, id: string): Promise<RunReport> {
  const response = await reach(connection, `/runs/${encodeURIComponent(id)}/report.json`);
  if (!response.ok) throw await refusalOf(connection, response);
  return (await response.json()) as RunReport;
}
