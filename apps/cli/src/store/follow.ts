import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { Unreachable } from "./server.ts";

const POLL_MS = 500;
/** A server elsewhere counts requests. */
const REMOTE_POLL_MS = 2_000;
/** What is followed goes on while a server cannot be reached for a moment. */
const PATIENCE_MS = 60_000;

/**
 * Asks a server for something again and again. `signal` lets it ask at once.
 * @param see is told each answer, null where the server could not be reached; what it returns ends the asking
 * @throws Unreachable after a minute, at once for the server that holds the store here
 */
export async function follow<State, Result>(
  connection: Connection,
  ask: () => Promise<State>,
  see: (state: State | null) => Result | undefined,
  signal: AbortSignal,
): Promise<Result> {
  for (let since = Date.now(); ; ) {
    const state = await ask().catch((error: unknown) => {
      if (!(error instanceof Unreachable) || !connection.remote || Date.now() - since > PATIENCE_MS)
        throw error;
      return null;
    });
    if (state !== null) since = Date.now();
    const result = see(state);
    if (result !== undefined) return result;
    await pause(connection.remote && !signal.aborted ? REMOTE_POLL_MS : POLL_MS, null, {
      signal: signal.aborted ? undefined : signal,
    }).catch(() => {});
  }
}
