import { setTimeout as pause } from "node:timers/promises";
import { EngineError, type ErrorCode, type RunReport, type RunSettings } from "@recallscope/engine";
import type { Progress } from "../progress.ts";
import type { Connection } from "./connection.ts";
import { askServer, reach, refusalOf, Unreachable } from "./server.ts";

const POLL_MS = 500;
/** A server elsewhere counts requests. */
const REMOTE_POLL_MS = 2_000;
/** A run goes on while a server cannot be reached for a moment. */
const PATIENCE_MS = 60_000;

export interface RunRequest {
  model: string;
  task: string;
  settings: RunSettings;
  force: boolean;
}
export interface RemoteRun {
  id: string;
  key: string;
  created: boolean;
}
interface RemoteState {
  key: string;
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  progress: Progress | null;
  error: { code: string; message: string } | null;
}
interface CallOptions {
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
  { signal, onProgress }: CallOptions,
): Promise<RemoteRun & { report: RunReport }> {
  const run = await queueOnServer(connection, request);
  const cancel = () => {
    if (run.created) void askServer(connection, CANCEL, { input: { id: run.id } }).catch(() => {});
  };
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for (let since = Date.now(); ; ) {
      const state = await stateOf(connection, run).catch((error: unknown) => {
        if (!(error instanceof Unreachable) || !connection.remote || Date.now() - since > PATIENCE_MS)
          throw error;
        return null;
      });
      if (signal.aborted && !run.created)
        throw new EngineError(
          "CANCELLED",
          `run ${run.key} was there before and goes on at ${connection.url}`,
        );
      if (state !== null) {
        since = Date.now();
        if (state.progress) onProgress(state.progress);
        if (state.status === "SUCCEEDED")
          return { ...run, key: state.key, report: await fetchReport(connection, run.id) };
        if (state.status === "CANCELLED") throw new EngineError("CANCELLED", `run ${run.key} was cancelled`);
        if (state.status === "FAILED") throw failure(state.error, run.key);
      }
      await pause(connection.remote && !signal.aborted ? REMOTE_POLL_MS : POLL_MS, null, {
        signal: signal.aborted ? undefined : signal,
      }).catch(() => {});
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

const CREATE = `mutation ($input: CreateRunInput!) { createRun(input: $input) { created run { id key } } }`;
const CANCEL = `mutation ($input: CancelRunInput!) { cancelRun(input: $input) { run { id } } }`;
const STATE = `query ($id: ID!) { run(id: $id) { key status progress { step fraction message } error { code message } } }`;

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

async function fetchReport(connection: Connection, id: string): Promise<RunReport> {
  const response = await reach(connection, `/runs/${encodeURIComponent(id)}/report.json`);
  if (!response.ok) throw await refusalOf(connection, response);
  return (await response.json()) as RunReport;
}
