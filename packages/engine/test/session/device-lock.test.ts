import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { alone, deviceLock, free, holderOf } from "../../src/session/device-lock.ts";

const TURNS = 40;

describe("the lock of a device that bears one thread", () => {
  const start = (count: Int32Array, turns: number, keep = false) =>
    new Worker(new URL("./device-lock-thread.mjs", import.meta.url), {
      workerData: { lock: deviceLock(), count, turns, keep },
    });

  it("lets threads, and calls of one thread, in one after the other", async () => {
    const count = new Int32Array(new SharedArrayBuffer(4));
    const threads = [start(count, TURNS), start(count, TURNS), start(count, TURNS)];
    const own = Array.from({ length: TURNS }, () =>
      alone(async () => {
        const before = count[0]!;
        await new Promise(setImmediate);
        count[0] = before + 1;
      }),
    );
    await Promise.all([...own, ...threads.map((thread) => once(thread, "exit"))]);
    expect(count[0]).toBe(4 * TURNS);
  });

  it("gives back what a call returns or throws, and lets the next in after both", async () => {
    expect(await alone(async () => 7)).toBe(7);
    await expect(alone(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await alone(async () => "after")).toBe("after");
  });

  it("is taken from a thread that ended inside, not from another", async () => {
    const thread = start(new Int32Array(new SharedArrayBuffer(4)), 0, true);
    const holder = holderOf(thread.threadId);
    await once(thread, "message");
    let inside = false;
    const next = alone(async () => {
      inside = true;
    });
    free(holder + 1);
    await thread.terminate();
    await new Promise(setImmediate);
    expect(inside).toBe(false);
    free(holder);
    await next;
    expect(inside).toBe(true);
  });
});
