import { fork } from "node:child_process";
import { access } from "node:fs/promises";
import path from "node:path";
import type { Device } from "../../../packages/engine/src/session/device.ts";
import type { LargeRun } from "./run.ts";
import type { LargeShapeName } from "./shapes.ts";
import { type PeakMemory, watchMemory } from "./watch-memory.ts";

export interface LargeOptions {
  shape: LargeShapeName;
  /** Folder in which the model is made once and kept. */
  models: string;
  threads: number;
  device: Device;
  /** Bytes of weights and activations; undefined: what the machine has free. */
  maxMemory?: number | undefined;
  /** Further analyses. */
  analyses: readonly string[];
}

/** Makes the model if it is not there yet, runs the task in a process of its own, and watches its memory. */
export async function measureLarge(
  options: LargeOptions,
): Promise<{ run: LargeRun; peak: PeakMemory | null; folder: string }> {
  const { shape, models, threads, device, maxMemory, analyses } = options;
  const folder = path.join(models, `${shape}-f16`);
  const there = await access(path.join(folder, "task.json")).then(
    () => true,
    () => false,
  );
  if (!there) await child("prepare.ts", [shape, folder, String(threads)]);
  let peak: PeakMemory | null = null;
  const args = [folder, String(threads), String(maxMemory ?? 0), device, analyses.join(",")];
  const run = (await child("run.ts", args, (pid) => {
    const watch = watchMemory(pid);
    return () => {
      peak = watch.stop();
    };
  })) as LargeRun;
  return { run, peak, folder };
}

/** Runs a file of this folder. @returns the last thing it sent */
async function child(
  file: string,
  args: readonly string[],
  watch: (pid: number) => () => void = () => () => {},
): Promise<unknown> {
  const own = fork(path.join(import.meta.dirname, file), args, { stdio: ["ignore", 2, 2, "ipc"] });
  const stop = watch(own.pid!);
  let sent: unknown;
  own.on("message", (message) => {
    sent = message;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    own.on("error", reject);
    own.on("exit", (...end) => resolve(end));
  });
  stop();
  if (code !== 0) throw new Error(`${file} ${args[0]}: ended with ${signal ?? `code ${code}`}`);
  return sent;
}
