import { readFile } from "node:fs/promises";

/** Highest memory of a process in bytes: all that was resident, and what of it was no page of a mapped file. */
export interface PeakMemory {
  resident: number;
  anonymous: number;
}

const INTERVAL_MS = 50;

/**
 * Looks at a process until it ends. The system keeps the highest resident memory itself; the anonymous part is looked at twenty times a second.
 * @returns null where there is no /proc
 */
export function watchMemory(pid: number): { stop: () => PeakMemory | null } {
  let peak: PeakMemory | null = null;
  const look = async () => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const bytes = (name: string) =>
      1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
    const [resident, anonymous] = [bytes("VmHWM"), bytes("RssAnon")];
    if (Number.isNaN(resident) || Number.isNaN(anonymous)) return;
    peak = { resident, anonymous: Math.max(peak?.anonymous ?? 0, anonymous) };
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}
