import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { ListFileEntry } from "@huggingface/hub";
import { EngineError } from "../errors.ts";
import { type CachePlace, sizeOf } from "./hub-cache.ts";
import {
  type HubAccess,
  HubFailure,
  hubFetch,
  passesByItself,
  REPETITIONS,
  sameOrigin,
} from "./hub-fetch.ts";
import type { OnBytes } from "./hub-file.ts";

/** A connection that brought this many bytes before it broke does not count as a failure. */
const HEADWAY = 1 << 20;
const LONGEST_CHAIN = 5;

/**
 * Appends what is missing of a file to its incomplete copy, over as many connections as it takes. The library's download cannot
 * tell an answer that starts at the asked place from one that starts over, and loses the status of one that failed.
 */
export async function receive(
  file: ListFileEntry,
  place: CachePlace,
  access: HubAccess,
  incomplete: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; ; ) {
    const before = (await sizeOf(incomplete)) ?? 0;
    if (before > file.size) await rm(incomplete);
    else if (before === file.size && file.size > 0) return;
    try {
      await receiveOnce(file, place, access, incomplete, onBytes, signal);
      return;
    } catch (error) {
      if (error instanceof HubFailure && error.status === 416 && before > 0) {
        await rm(incomplete, { force: true });
        continue;
      }
      failures = ((await sizeOf(incomplete)) ?? 0) - before >= HEADWAY ? 1 : failures + 1;
      // What hubFetch throws it has repeated already; what breaks while the bytes come is seen here first.
      if (!(error instanceof BrokenOff) || failures > REPETITIONS) throw error;
      await pause(access.retryDelay * 2 ** (failures - 1), undefined, { signal });
    }
  }
}

/** The connection ended before the file did. */
class BrokenOff extends Error {}

async function receiveOnce(
  file: ListFileEntry,
  place: CachePlace,
  access: HubAccess,
  incomplete: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<void> {
  const asked = (await sizeOf(incomplete)) ?? 0;
  const response = await openFile(file, place, access, asked, signal);
  const start = response.status === 206 ? startOf(response) : 0;
  if (start !== 0 && start !== asked)
    throw new EngineError(
      "DOWNLOAD_FAILED",
      `file ${file.path} of ${place.id}: the hub sends bytes from ${start} instead of ${asked}; try again`,
    );
  let done = start;
  await pipeline(
    async function* () {
      // An empty file has no body.
      if (response.body === null) return;
      const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          done += chunk.length;
          // More than the file has cannot become right, and must not fill the disk.
          if (done > file.size) yield chunk.subarray(0, 1 + file.size - (done - chunk.length));
          if (done > file.size) return;
          onBytes(done);
          yield chunk;
        }
      } catch (error) {
        if (passesByItself(error)) throw new BrokenOff("connection lost", { cause: error });
        throw error;
      }
    },
    createWriteStream(incomplete, { flags: start === 0 ? "w" : "a", flush: true }),
    { signal },
  );
  if (done < file.size) throw new BrokenOff(`connection closed after ${done} of ${file.size} bytes`);
}

/** Follows the hub to where the bytes lie, which may be another host, and looks at what it says about them on the way. */
async function openFile(
  file: ListFileEntry,
  { id, commit }: CachePlace,
  access: HubAccess,
  from: number,
  signal: AbortSignal,
): Promise<Response> {
  const { hubUrl } = access;
  const ask = hubFetch(access);
  let url = `${hubUrl}/${id}/resolve/${commit}/${encodeURIComponent(file.path)}`;
  for (let hop = 0; hop <= LONGEST_CHAIN; hop++) {
    const headers = {
      // A compressed answer could not be resumed: its places are not the file's.
      "accept-encoding": "identity",
      ...(from > 0 && { range: `bytes=${from}-` }),
    };
    const response = await ask(url, { headers, redirect: "manual", signal });
    if (sameOrigin(url, hubUrl)) checkAnnounced(response, file, id);
    if (response.status < 300) return response;
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (!location) break;
    url = new URL(location, url).href;
  }
  throw new EngineError(
    "DOWNLOAD_FAILED",
    `file ${file.path} of ${id}: the hub's redirections lead nowhere; try again`,
  );
}

/** Another checksum than the listed one is refused before gigabytes of it have come. */
function checkAnnounced(response: Response, file: ListFileEntry, id: string): void {
  const announced = response.headers.get("x-linked-etag")?.replace(/^W\/|"/g, "");
  if (file.lfs && announced && announced !== file.lfs.oid)
    throw new EngineError(
      "DOWNLOAD_FAILED",
      `file ${file.path} of ${id}: the hub announces content ${announced.slice(0, 12)}..., but lists ${file.lfs.oid.slice(0, 12)}...; try again`,
    );
}

const startOf = (response: Response): number =>
  Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? 0);
