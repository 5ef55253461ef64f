// onnxruntime has one WebGPU device for the whole process and does not guard it: two threads inside it at once, each with sessions of its own, corrupt the process's
// memory (microsoft/onnxruntime issues 27592, 32561; 1.30 ends by a segmentation fault within seconds). Threads of the engine take turns.

/** Two numbers that all threads of a process see: who is inside, 0 for nobody, and how often somebody went in. */
export type DeviceLock = Int32Array<SharedArrayBuffer>;
const [HOLDER, ENTRIES] = [0, 1];

/** A thread that was woken for its turn goes in sooner, or never. */
const PASSING_MS = 20;

/** Of this process; its engines' threads are given it. */
let lock: DeviceLock = new Int32Array(new SharedArrayBuffer(8));
/** This thread's number: 1 for the one that starts engines, whose threads count from there. */
let self = 1;

export const deviceLock = (): DeviceLock => lock;

/** How a thread, by its `threadId`, signs the lock. */
export const holderOf = (threadId: number): number => threadId + 1;

export const isHeldBy = (holder: number): boolean => Atomics.load(lock, HOLDER) === holder;

/** Lets this thread take turns with those that share the lock. */
export function shareDeviceLock(shared: DeviceLock, threadId: number): void {
  lock = shared;
  self = holderOf(threadId);
}

/** Waiting calls of one thread stand in line here, so that the lock knows threads only. */
let line: Promise<unknown> = Promise.resolve();
/** Entries so far when this thread let another one in, which it must not overtake; null where nobody waited. */
let passed: number | null = null;

/** Makes a call while no other thread, and no other call of this one, is at the device. */
export function alone<T>(call: () => Promise<T>): Promise<T> {
  const turn = line.then(async () => {
    await take();
    const entries = Atomics.load(lock, ENTRIES);
    try {
      return await call();
    } finally {
      passed = free(self) ? entries : null;
    }
  });
  line = turn.catch(() => {});
  return turn;
}

async function take(): Promise<void> {
  if (passed !== null) await Atomics.waitAsync(lock, ENTRIES, passed, PASSING_MS).value;
  for (;;) {
    const holder = Atomics.compareExchange(lock, HOLDER, 0, self);
    if (holder === 0) break;
    await Atomics.waitAsync(lock, HOLDER, holder).value;
  }
  Atomics.add(lock, ENTRIES, 1);
  Atomics.notify(lock, ENTRIES);
}

/**
 * Frees the lock if `holder` has it: this thread, or one that has ended and cannot any more, nor pass on that it was its turn.
 * @returns whether another thread waited, and was woken
 */
export function free(holder: number): boolean {
  Atomics.compareExchange(lock, HOLDER, holder, 0);
  return Atomics.notify(lock, HOLDER, 1) > 0;
}
