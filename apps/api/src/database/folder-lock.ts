import { mkdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { lock as takeLock } from "proper-lockfile";
import { ApiError, errnoOf } from "../errors.ts";

/** Who holds a data folder, kept beside the lock so that others can say so, or talk to it. */
export interface Holder {
  pid: number;
  host: string;
  /** Start time of the process as the system counts it: tells a new process with an old number from the old one; null where unknown. */
  processStart: string | null;
  startedAt: string;
  /** Where its server answers; null until then, and for tools that serve nothing. */
  url: string | null;
  /** Opens that server to whoever may read this folder, and so could read the database as well; null like the address. */
  ownerKey: string | null;
}
export interface FolderLock {
  publish(url: string, ownerKey: string): Promise<void>;
  release(): Promise<void>;
}

const holderFile = (folder: string) => path.join(folder, "server.json");
const lockName = (folder: string) => path.join(folder, "server");
const STALE_MS = 60_000;

/**
 * Takes a data folder for this process: two processes on one embedded database would destroy it without any error. The lock of a
 * process that is dead (kill -9) is taken over at once.
 * @param onLost called when the lock was lost while held; the database must not be written any more
 * @throws ApiError FOLDER_LOCKED naming the holder and its address
 */
export async function lockFolder(folder: string, onLost: (error: Error) => void): Promise<FolderLock> {
  // Lock and holder file change together, under a second lock that is held for milliseconds.
  const releaseGuard = await takeLock(path.join(folder, "guard"), {
    realpath: false,
    stale: 5_000,
    retries: { retries: 200, minTimeout: 20, maxTimeout: 50 },
  });
  try {
    const holder = await readHolder(folder);
    if (holder && (await isProvenAlive(holder))) throw locked(folder, holder);
    if (holder && isDead(holder)) await rmdir(`${lockName(folder)}.lock`).catch(() => {});
    const release = await takeLock(lockName(folder), {
      realpath: false,
      stale: STALE_MS,
      update: STALE_MS / 6,
      onCompromised: onLost,
    }).catch((error: unknown) => {
      throw errnoOf(error) === "ELOCKED" ? locked(folder, holder) : error;
    });
    const mine: Holder = {
      pid: process.pid,
      host: os.hostname(),
      processStart: await processStart(process.pid),
      startedAt: new Date().toISOString(),
      url: null,
      ownerKey: null,
    };
    await writeHolder(folder, mine);
    return {
      publish: (url, ownerKey) => writeHolder(folder, { ...mine, url, ownerKey }),
      release: async () => {
        await writeHolder(folder, null);
        await release();
      },
    };
  } finally {
    await releaseGuard();
  }
}

/** The living process that holds a data folder; null when none does. */
export async function findHolder(folder: string): Promise<Holder | null> {
  const holder = await readHolder(folder);
  return holder && !isDead(holder) && (await startAgrees(holder)) ? holder : null;
}

async function readHolder(folder: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(holderFile(folder), "utf8")) as Holder | null;
  } catch {
    return null;
  }
}

/** Written whole or not at all: a reader never sees half a file. */
async function writeHolder(folder: string, holder: Holder | null): Promise<void> {
  const draft = `${holderFile(folder)}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  await rename(draft, holderFile(folder));
}

const onThisHost = (holder: Holder) => holder.host === os.hostname();

function isDead(holder: Holder): boolean {
  if (!onThisHost(holder)) return false;
  // In a container that starts again the new process often has the number of the old one.
  if (holder.pid === process.pid) return true;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return errnoOf(error) === "ESRCH";
  }
}

async function startAgrees(holder: Holder): Promise<boolean> {
  if (!onThisHost(holder) || holder.processStart === null) return true;
  return (await processStart(holder.pid)) === holder.processStart;
}

/** True even when the holder was suspended for so long that its lock looks abandoned. */
const isProvenAlive = async (holder: Holder): Promise<boolean> =>
  onThisHost(holder) && holder.processStart !== null && !isDead(holder) && (await startAgrees(holder));

/** Field 22 of /proc/PID/stat on Linux; null elsewhere. */
async function processStart(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text === null ? null : (text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null);
}

function locked(folder: string, holder: Holder | null): ApiError {
  const who = holder
    ? `process ${holder.pid}${holder.host === os.hostname() ? "" : ` of ${holder.host}`}${holder.url ? ` (${holder.url})` : ""}`
    : "another process";
  return new ApiError(
    "FOLDER_LOCKED",
    `data folder ${folder}: in use by ${who}: use that one, stop it, or choose another folder with RECALLSCOPE_DATA`,
    { pid: holder?.pid ?? null, url: holder?.url ?? null },
  );
}
