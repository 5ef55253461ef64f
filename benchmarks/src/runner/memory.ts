import { readFile, writeFile } from "node:fs/promises";

/** Highest resident memory of this process in MB since its start or the last reset; null where the system does not say. */
export async function peakMemory(): Promise<number | null> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** Starts the highest resident memory anew; nothing happens where the system cannot. */
export const resetPeak = (): Promise<void> => writeFile("/proc/self/clear_refs", "5").catch(() => {});
