import { mkdir, statfs } from "node:fs/promises";
import type { ListFileEntry } from "@huggingface/hub";
import { EngineError } from "../errors.ts";
import type { CachePlace } from "./hub-cache.ts";
import { bytesToCome } from "./hub-file.ts";

/** Refuses a download that the disk cannot hold, before it fills it. */
export async function checkSpace(files: readonly ListFileEntry[], place: CachePlace): Promise<void> {
  let needed = 0;
  for (const file of files) needed += await bytesToCome(file, place);
  await mkdir(place.storage, { recursive: true });
  const { bavail, bsize } = await statfs(place.storage);
  const free = bavail * bsize;
  if (needed > free)
    throw new EngineError(
      "DOWNLOAD_FAILED",
      `model ${place.id}: ${readable(needed)} to download, but the disk of the cache ${place.cache} has ${readable(free)} free (make room, or set HF_HUB_CACHE to a folder of another disk)`,
    );
}

const readable = (bytes: number) =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
