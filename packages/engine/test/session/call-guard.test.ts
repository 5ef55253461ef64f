import { afterAll, describe, expect, it } from "vitest";
import { closeCalls, guardCalls, guarded, newCallGuard } from "../../src/session/call-guard.ts";

describe("calls that must not be cut off", () => {
  afterAll(() => guardCalls(newCallGuard()));

  it("lets a thread be ended once none is under way, and no other begins", async () => {
    const guard = newCallGuard();
    guardCalls(guard);
    let finish: (value: string) => void = () => {};
    const call = guarded(() => new Promise<string>((resolve) => (finish = resolve)));
    let closed = false;
    const closing = closeCalls(guard, 60_000).then((ended) => {
      closed = true;
      return ended;
    });
    let begun = false;
    void guarded(async () => {
      begun = true;
    });
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    finish("done");
    expect(await call).toBe("done");
    expect(await closing).toBe(true);
    expect(begun).toBe(false);
  });

  it("counts calls that fail as ended", async () => {
    const guard = newCallGuard();
    guardCalls(guard);
    await expect(guarded(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await closeCalls(guard, 0)).toBe(true);
  });

  it("waits no longer than it was told", async () => {
    const guard = newCallGuard();
    guardCalls(guard);
    void guarded(() => new Promise(() => {}));
    expect(await closeCalls(guard, 1)).toBe(false);
  });
});
