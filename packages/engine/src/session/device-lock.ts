// onnxruntime has one WebGPU device for the whole process and does not guard it: two threads inside it at once, each with sessions of its own, corrupt the process's
// memory (microsoft/onnxruntime issues 27592, 32561; 1.30 ends by a segmentation fault within seconds). Threads of the engine take turns.

/** One number that all threads of a process see: who is inside, 0 for nobody. */
export type DeviceLock = Int32Array<SharedArrayBuffer>;

/** Of this process; its engines' threads are given it. */
let lock: DeviceLock = new Int32Array(new SharedArrayBuffer(4));
/** This thread's number: 1 for the one that starts engines, whose threads count from there. */
let self = 1;

export const deviceLock = (): DeviceLock => lock;

/** How a thread, by its `threadId`, signs the lock. */
export const holderOf = (threadId: number): number => threadId + 1;

/** Lets this thread take turns with those that share the lock. */
export function shareDeviceLock(shared: DeviceLock, threadId: number): void {
  lock = shared;
  self = holderOf(threadId);
}

/** Waiting calls of one thread stand in line here, so that the lock knows threads only. */
let line: Promise<unknown> = Promise.resolve();

/** Makes a call while no other thread, and no other call of this one, is at the device. */
export function alone<T>(call: () => Promise<T>): Promise<T> {
  const turn = line.then(async () => {
    await take();
    try {
      return await call();
    } finally {
      free(self);
    }
  });
  line = turn.catch(() => {});
  return turn;
}

async function take(): Promise<void> {
  for (;;) {
    const holder = Atomics.compareExchange(lock, 0, 0, self);
    if (holder === 0) return;
    await Atomics.waitAsync(lock, 0, holder).value;
  }
}

/** Frees the lock if `holder` has it: this thread, or one that has ended and cannot any more, nor pass on that it was its turn. */
export function free(holder: number): void {
  Atomics.compareExchange(lock, 0, holder, 0);
  Atomics.notify(lock, 0, 1);
}
