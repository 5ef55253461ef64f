import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { EngineError } from "../errors.ts";

/** Milliseconds after which the lock of a process that does not show itself any more is taken over. */
const STALE = 20_000;

/**
 * Does a piece of work while no other process, and no other thread, does the same.
 * @param onWait called twice a second while another one is at it
 * @param signal ends the waiting
 * @param work its signal stops it when the lock is lost: this process slept, and another has taken over
 */
export async function alone(
  name: string,
  onWait: () => Promise<void>,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(path.dirname(name), { recursive: true });
  const lost = new AbortController();
  const release = await acquire(name, onWait, signal, () =>
    lost.abort(
      new EngineError(
        "DOWNLOAD_FAILED",
        `download: another process has taken over ${path.basename(name)}; try again`,
      ),
    ),
  );
  try {
    await work(lost.signal);
  } finally {
    if (!lost.signal.aborted) await release();
  }
}

async function acquire(
  name: string,
  onWait: () => Promise<void>,
  signal: AbortSignal | undefined,
  onCompromised: () => void,
): Promise<() => Promise<void>> {
  for (;;) {
    try {
      return await lock(name, { realpath: false, stale: STALE, update: STALE / 4, onCompromised });
    } catch (error) {
      if ((error as { code?: string }).code !== "ELOCKED") throw error;
    }
    await onWait();
    await pause(500, undefined, signal ? { signal } : {});
  }
}
