// A thread that takes turns: in each it reads a number, lets others run, and writes it back one higher.
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { alone, shareDeviceLock } = await import("../../src/session/device-lock.ts");
const { lock, count, turns, keep } = workerData;
shareDeviceLock(lock, threadId);
// As the engine's thread does by listening to its port: waiting for a turn keeps no thread alive.
const alive = setInterval(() => {}, 60_000);
await Promise.all(
  Array.from({ length: turns }, () =>
    alone(async () => {
      const before = count[0];
      await pause(1);
      count[0] = before + 1;
    }),
  ),
);
if (keep)
  await alone(() => {
    parentPort.postMessage("inside");
    return new Promise(() => {});
  });
clearInterval(alive);
