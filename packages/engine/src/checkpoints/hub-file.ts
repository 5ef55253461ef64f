import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { downloadFile, type ListFileEntry } from "@huggingface/hub";
import { EngineError } from "../errors.ts";

export interface HubAccess {
  accessToken?: string;
  hubUrl?: string;
}

/** Where a model lies in a Hugging Face cache: `models--owner--name` with its blobs and one commit's snapshot. */
export interface CachePlace {
  id: string;
  commit: string;
  storage: string;
  snapshot: string;
}

/**
 * Brings one file of a commit into the cache: resumes where an earlier download stopped, and keeps the file only when its
 * content has the checksum the hub lists. The library's own cache download does neither, and prints to standard output.
 */
export async function downloadToCache(
  file: ListFileEntry,
  place: CachePlace,
  access: HubAccess,
  onBytes: (done: number) => void,
): Promise<string> {
  const pointer = path.join(place.snapshot, file.path);
  if ((await sizeOf(pointer)) === file.size) return pointer;
  const etag = file.lfs?.oid ?? file.oid;
  if (!etag || !/^[0-9a-f]{40,64}$/.test(etag))
    throw new EngineError("DOWNLOAD_FAILED", `file ${file.path} of ${place.id}: the hub lists no checksum`);
  const blob = path.join(place.storage, "blobs", etag);
  if ((await sizeOf(blob)) !== file.size) await downloadBlob(file, place, access, blob, onBytes);
  await mkdir(path.dirname(pointer), { recursive: true });
  await rm(pointer, { force: true });
  // Where links are not allowed (Windows without the right), a copy does.
  await symlink(path.relative(path.dirname(pointer), blob), pointer).catch(() => copyFile(blob, pointer));
  return pointer;
}

async function downloadBlob(
  file: ListFileEntry,
  { id, commit }: CachePlace,
  access: HubAccess,
  blob: string,
  onBytes: (done: number) => void,
): Promise<void> {
  const incomplete = `${blob}.incomplete`;
  await mkdir(path.dirname(blob), { recursive: true });
  const before = (await sizeOf(incomplete)) ?? 0;
  let done = before <= file.size ? before : 0;
  if (done < file.size || file.size === 0) {
    const remote = await downloadFile({ repo: id, path: file.path, revision: commit, ...access });
    if (!remote)
      throw new EngineError("DOWNLOAD_FAILED", `file ${file.path} of ${id}: not on the hub any more`);
    const rest = done === 0 ? remote : remote.slice(done, file.size);
    await pipeline(
      Readable.fromWeb(rest.stream() as Parameters<typeof Readable.fromWeb>[0]),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          done += chunk.length;
          onBytes(done);
          yield chunk;
        }
      },
      createWriteStream(incomplete, done === 0 ? {} : { flags: "a" }),
    );
  }
  if (!(await intact(incomplete, file))) {
    await rm(incomplete, { force: true });
    throw new EngineError(
      "DOWNLOAD_FAILED",
      `file ${file.path} of ${id}: arrived damaged (${done} of ${file.size} bytes, checksum differs); try again`,
    );
  }
  await rename(incomplete, blob);
}

/** Large files are listed by the sha-256 of their content, small ones by their git blob hash. */
async function intact(local: string, file: ListFileEntry): Promise<boolean> {
  if ((await sizeOf(local)) !== file.size) return false;
  const hash = file.lfs ? createHash("sha256") : createHash("sha1").update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(local, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex") === (file.lfs?.oid ?? file.oid);
}

const sizeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  );
