import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ListFileEntry } from "@huggingface/hub";
import { EngineError } from "../errors.ts";
import { type CachePlace, linkBlob, sizeOf } from "./hub-cache.ts";
import type { HubAccess } from "./hub-fetch.ts";
import { alone } from "./hub-lock.ts";
import { receive } from "./hub-receive.ts";

export type OnBytes = (done: number) => void;

/** A file of the hub whose content is known by its checksum: sha-256 of large files, git's blob hash of small ones. */
export function checksumOf(file: ListFileEntry, id: string): string {
  const checksum = file.lfs?.oid ?? file.oid;
  if (!checksum || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(checksum))
    throw new EngineError("DOWNLOAD_FAILED", `file ${file.path} of ${id}: the hub lists no checksum`);
  return checksum;
}

/** Bytes of a file that are still to be downloaded. */
export async function bytesToCome(file: ListFileEntry, place: CachePlace): Promise<number> {
  const blob = path.join(place.storage, "blobs", checksumOf(file, place.id));
  if ((await sizeOf(path.join(place.snapshot, file.path))) === file.size) return 0;
  if ((await sizeOf(blob)) === file.size) return 0;
  return Math.max(0, file.size - ((await sizeOf(`${blob}.incomplete`)) ?? 0));
}

/**
 * Brings one file of a commit into the cache: resumes where an earlier download stopped, waits where another process is downloading
 * the same file, and keeps it only when its content has the checksum the hub lists. The library's own cache download does none of
 * this, and prints to standard output.
 */
export async function downloadToCache(
  file: ListFileEntry,
  place: CachePlace,
  access: HubAccess,
  onBytes: OnBytes,
): Promise<void> {
  const pointer = path.join(place.snapshot, file.path);
  if ((await sizeOf(pointer)) === file.size) return;
  const checksum = checksumOf(file, place.id);
  const blob = path.join(place.storage, "blobs", checksum);
  const incomplete = `${blob}.incomplete`;
  const there = async () => (await sizeOf(blob)) === file.size;
  if (!(await there())) {
    await mkdir(path.dirname(blob), { recursive: true });
    const lock = path.join(place.cache, ".locks", path.basename(place.storage), `${checksum}.recallscope`);
    const onWait = async () => onBytes((await sizeOf(incomplete)) ?? 0);
    const { signal } = access;
    await alone(
      lock,
      onWait,
      async (lost) => {
        const ends = signal ? AbortSignal.any([signal, lost]) : lost;
        if (!(await there())) await downloadBlob(file, place, access, blob, onBytes, ends);
      },
      signal,
    );
  }
  await linkBlob(blob, pointer);
}

async function downloadBlob(
  file: ListFileEntry,
  place: CachePlace,
  access: HubAccess,
  blob: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<void> {
  const incomplete = `${blob}.incomplete`;
  let resumed = (await sizeOf(incomplete)) !== null;
  for (;;) {
    await receive(file, place, access, incomplete, onBytes, signal);
    if (await intact(incomplete, file)) return rename(incomplete, blob);
    const size = await sizeOf(incomplete);
    await rm(incomplete, { force: true });
    // What an earlier download left may have been damaged: only a whole new file says what the hub sends.
    if (!resumed)
      throw new EngineError(
        "DOWNLOAD_FAILED",
        `file ${file.path} of ${place.id}: arrived damaged (${size} of ${file.size} bytes, checksum differs); try again`,
      );
    resumed = false;
  }
}

async function intact(local: string, file: ListFileEntry): Promise<boolean> {
  if ((await sizeOf(local)) !== file.size) return false;
  const hash = file.lfs ? createHash("sha256") : createHash("sha1").update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(local, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex") === (file.lfs?.oid ?? file.oid);
}
