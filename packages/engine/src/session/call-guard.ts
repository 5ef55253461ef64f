import { setTimeout as pause } from "node:timers/promises";

// A thread that is ended while it is inside onnxruntime ends its whole process: the binding cannot make its results any more, and throws where nobody catches.
// Threads therefore say when they are inside, and are kept out once they are to end.

/** Two numbers that both threads see: calls under way, and whether no more may begin. */
export type CallGuard = Int32Array<SharedArrayBuffer>;
const [UNDER_WAY, CLOSED] = [0, 1];

const LOOK_MS = 10;

export const newCallGuard = (): CallGuard => new Int32Array(new SharedArrayBuffer(8));

let own: CallGuard | null = null;

/** Has all calls of this thread be counted. */
export const guardCalls = (guard: CallGuard): void => {
  own = guard;
};

/** Makes a call of onnxruntime; one that is asked for after the end never begins. */
export async function guarded<T>(call: () => Promise<T>): Promise<T> {
  const guard = own;
  if (guard === null) return call();
  // Counted first, looked at second: whoever closes does it the other way round.
  Atomics.add(guard, UNDER_WAY, 1);
  if (Atomics.load(guard, CLOSED) !== 0) {
    Atomics.sub(guard, UNDER_WAY, 1);
    return new Promise<never>(() => {});
  }
  try {
    return await call();
  } finally {
    Atomics.sub(guard, UNDER_WAY, 1);
  }
}

/**
 * Lets a thread begin no further call, and waits for the one under way.
 * @returns false where that one has not ended after `patience` milliseconds
 */
export async function closeCalls(guard: CallGuard, patience: number): Promise<boolean> {
  Atomics.store(guard, CLOSED, 1);
  const deadline = Date.now() + patience;
  while (Atomics.load(guard, UNDER_WAY) > 0) {
    if (Date.now() >= deadline) return false;
    await pause(LOOK_MS);
  }
  return true;
}
