import { ApiError } from "../errors.ts";

export interface LiveJob<Result> {
  /** Who asks, as far as waiting in turn is concerned. */
  actor: string;
  /** A newer job of the same key takes the place of this one; null: nothing does. */
  key: string | null;
  /** Goes before slow ones, also before one that is under way. */
  quick: boolean;
  /** Aborted when nobody waits any more. */
  signal: AbortSignal;
  work: (signal: AbortSignal) => Promise<Result>;
}

interface Entry extends LiveJob<unknown> {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  /** Ends it for good, with the reason. */
  ended: AbortController;
  /** How often it has made room. */
  yielded: number;
}

/** Jobs of one actor that may wait at once: more than a page with all its figures asks for. */
export const MAX_WAITING = 24;
/** After so many times a slow job is let finish. */
const MAX_YIELDS = 50;

/**
 * One job at a time, quick ones first: a slow job that is under way when a quick one arrives is stopped, and begun again after it, so that a
 * slider answers while maps are being computed.
 */
export class LiveQueue {
  readonly #waiting: Entry[] = [];
  #running: { entry: Entry; pause: AbortController } | null = null;

  get idle(): boolean {
    return this.#running === null && this.#waiting.length === 0;
  }

  /** @throws ApiError RATE_LIMITED where too many of the actor wait; SUPERSEDED; CANCELLED; what the work throws */
  add<Result>(job: LiveJob<Result>): Promise<Result> {
    const { actor, key, signal } = job;
    if (signal.aborted) return Promise.reject(cancelled());
    for (const other of this.#all()) if (key !== null && other.key === key) other.ended.abort(superseded());
    const own = this.#waiting.filter((other) => other.actor === actor && !other.ended.signal.aborted);
    if (own.length >= MAX_WAITING)
      return Promise.reject(
        new ApiError(
          "RATE_LIMITED",
          `live: ${own.length} questions wait already (allowed: ${MAX_WAITING} at a time): wait for their answers`,
        ),
      );
    return new Promise<Result>((resolve, reject) => {
      const ended = new AbortController();
      const leave = () => ended.abort(cancelled());
      signal.addEventListener("abort", leave, { once: true });
      const settle =
        <Value>(then: (value: Value) => void) =>
        (value: Value) => {
          signal.removeEventListener("abort", leave);
          then(value);
        };
      const entry: Entry = { ...job, resolve: settle(resolve), reject: settle(reject), ended, yielded: 0 };
      ended.signal.addEventListener("abort", () => this.#end(entry), { once: true });
      this.#waiting.push(entry);
      const running = this.#running;
      if (job.quick && running && !running.entry.quick && running.entry.yielded < MAX_YIELDS)
        running.pause.abort();
      this.#next();
    });
  }

  #all(): Entry[] {
    return [...this.#waiting, ...(this.#running ? [this.#running.entry] : [])];
  }

  /** One that waits is answered at once; one under way stops as soon as it can. */
  #end(entry: Entry): void {
    const at = this.#waiting.indexOf(entry);
    if (at >= 0) this.#waiting.splice(at, 1);
    entry.reject(entry.ended.signal.reason);
  }

  #next(): void {
    if (this.#running || this.#waiting.length === 0) return;
    const quick = this.#waiting.findIndex((entry) => entry.quick);
    const [entry] = this.#waiting.splice(Math.max(0, quick), 1);
    const pause = new AbortController();
    this.#running = { entry: entry!, pause };
    void this.#run(entry!, pause.signal).finally(() => this.#next());
  }

  async #run(entry: Entry, pause: AbortSignal): Promise<void> {
    let settle: () => void;
    try {
      const result = await entry.work(AbortSignal.any([entry.ended.signal, pause]));
      settle = () => entry.resolve(result as never);
    } catch (error) {
      const again = pause.aborted && !entry.ended.signal.aborted;
      settle = again ? () => this.#waiting.push(entry) : () => entry.reject(error);
      if (again) entry.yielded++;
    }
    this.#running = null;
    settle();
  }
}

const superseded = () =>
  new ApiError("SUPERSEDED", "live: a newer question of the same client took the place of this one");
const cancelled = () => new ApiError("CANCELLED", "live: nobody waits for the answer any more");
