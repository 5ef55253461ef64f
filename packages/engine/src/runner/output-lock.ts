import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { EngineError } from "../errors.ts";

/** Milliseconds after which the lock of a process that does not show itself any more is taken over. */
const STALE = 10_000;

/**
 * Does a piece of work that writes `out` and files beside it, while no other process or thread does; OUT.lock says so. A lock that was left by a
 * killed process is waited for until it is stale.
 * @param work is given a check to call before it writes what others would see
 * @throws EngineError BAD_INPUT where another one is at it
 */
export async function holdingOutput<T>(
  out: string,
  work: (check: () => Promise<void>) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await mkdir(path.dirname(out), { recursive: true });
  const holder = new Holder(out);
  const until = Date.now() + STALE + 1000;
  while (!(await holder.acquire())) {
    if (Date.now() > until) throw busy(out, "another process is writing it");
    await pause(250, undefined, signal ? { signal } : {});
  }
  try {
    return await work(async () => {
      if (await holder.isLost()) throw busy(out, "another process has taken it over while this one slept");
    });
  } finally {
    await holder.release();
  }
}

class Holder {
  private held: (() => Promise<void>) | null = null;
  private regained: Promise<boolean> = Promise.resolve(true);

  constructor(private readonly out: string) {}

  async acquire(): Promise<boolean> {
    try {
      this.held = await lock(this.out, {
        realpath: false,
        stale: STALE,
        update: STALE / 5,
        // A process that was slow to show itself may go on where nobody has come between.
        onCompromised: () => {
          this.held = null;
          this.regained = this.acquire();
        },
      });
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "ELOCKED") return false;
      throw error;
    }
  }

  async isLost(): Promise<boolean> {
    return !(await this.regained);
  }

  async release(): Promise<void> {
    await this.regained;
    await this.held?.();
  }
}

const busy = (out: string, what: string): EngineError =>
  new EngineError(
    "BAD_INPUT",
    `output file ${out}: ${what} (wait for it, or name another file; the lock of a process that died ends after ${STALE / 1000} seconds)`,
  );
