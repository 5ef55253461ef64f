import { homedir } from "node:os";
import path from "node:path";
import { type ListFileEntry, listFiles, modelInfo } from "@huggingface/hub";
import { EngineError } from "../errors.ts";
import {
  type CachePlace,
  COMMIT,
  cachedCommit,
  cachePlace,
  markAbsent,
  missingFiles,
  writeRef,
} from "./hub-cache.ts";
import { hubError } from "./hub-errors.ts";
import { type HubAccess, hubFetch } from "./hub-fetch.ts";
import { downloadToCache } from "./hub-file.ts";
import { filesToGet, refuseUnusable } from "./hub-repository.ts";
import { checkSpace } from "./hub-space.ts";
import { readShardIndex, SHARD_INDEX } from "./sharded.ts";

export interface HubOptions {
  /** Hugging Face cache folder, shared with the Python tools; default ~/.cache/huggingface/hub. */
  cacheFolder?: string;
  /** Access token for gated and private models. */
  token?: string;
  hubUrl?: string;
  /** Never ask the network: only models that are in the cache. */
  offline?: boolean;
  /** Called as a file of the model arrives, with bytes. */
  onDownload?: (file: string, done: number, total: number) => void;
  /** Ends a download; what has come is kept. */
  signal?: AbortSignal;
  /** Milliseconds before a failed request is repeated, twice as long each time; default 1000. */
  retryDelay?: number;
}

const HUB = "https://huggingface.co";

/**
 * A model of the Hugging Face hub in the cache's own layout; nothing is asked of the network once a commit is whole there.
 * @param revision branch, tag, `refs/pr/N` or commit; what the cache knows a name to mean stays what it means
 * @returns the snapshot's folder
 * @throws EngineError DOWNLOAD_FAILED, MODEL_NOT_FOUND, BAD_WEIGHTS or BAD_TOKENIZER, with the way out
 */
export async function downloadModel(id: string, revision: string, options: HubOptions): Promise<string> {
  const cache = options.cacheFolder ?? path.join(homedir(), ".cache", "huggingface", "hub");
  const cached = await cachedCommit(cache, id, revision);
  const missing = cached === null ? null : await missingFiles(cachePlace(cache, id, cached));
  if (cached !== null && missing?.length === 0) return cachePlace(cache, id, cached).snapshot;
  if (options.offline) {
    const state = missing === null ? "not in" : `not whole (without ${missing.join(", ")}) in`;
    throw new EngineError(
      "DOWNLOAD_FAILED",
      `model ${id}@${revision}: ${state} the cache ${cache}, and downloads are switched off`,
    );
  }
  const access: HubAccess = {
    hubUrl: options.hubUrl ?? HUB,
    ...(options.token && { accessToken: options.token }),
    retryDelay: options.retryDelay ?? 1000,
    signal: options.signal,
  };
  try {
    const place = cachePlace(cache, id, cached ?? (await commitOf(id, revision, access)));
    await downloadSnapshot(place, revision, access, options);
    await writeRef(place, revision);
    return place.snapshot;
  } catch (error) {
    if (options.signal?.aborted)
      throw new EngineError("CANCELLED", `download of ${id}: cancelled; what has come is kept`);
    throw hubError({ id, revision, token: options.token !== undefined, cache }, error);
  }
}

async function commitOf(id: string, revision: string, access: HubAccess): Promise<string> {
  const { hubUrl } = access;
  const ask = { additionalFields: ["sha" as const], hubUrl, fetch: hubFetch(access) };
  const { sha } = await modelInfo({ name: id, revision, ...ask });
  if (COMMIT.test(sha)) return sha;
  throw new EngineError("DOWNLOAD_FAILED", `model ${id}@${revision}: the hub names no commit (${sha})`);
}

async function downloadSnapshot(
  place: CachePlace,
  revision: string,
  access: HubAccess,
  { onDownload }: HubOptions,
): Promise<void> {
  const listed = await filesOf(place.id, place.commit, access);
  await refuseUnusable(place.id, revision, listed, (commit) => filesOf(place.id, commit, access), access);
  const get = async (files: readonly ListFileEntry[]) => {
    await checkSpace(files, place);
    for (const file of files)
      await downloadToCache(file, place, access, (done) => onDownload?.(file.path, done, file.size));
  };
  const { small, weights, absent } = filesToGet(listed);
  await get(small);
  for (const name of absent) await markAbsent(place, name);
  if (weights) return get([weights]);
  const shards = [...new Set((await readShardIndex(place.snapshot)).values())];
  await get(
    shards.map((name) => {
      const file = listed.get(name);
      if (file) return file;
      throw new EngineError(
        "BAD_WEIGHTS",
        `shard ${name} of ${place.id}: in ${SHARD_INDEX} but not on the hub`,
      );
    }),
  );
}

async function filesOf(
  id: string,
  revision: string,
  access: HubAccess,
): Promise<ReadonlyMap<string, ListFileEntry>> {
  const { hubUrl } = access;
  const listed = new Map<string, ListFileEntry>();
  for await (const entry of listFiles({ repo: id, revision, hubUrl, fetch: hubFetch(access) }))
    if (entry.type === "file") listed.set(entry.path, entry);
  return listed;
}
