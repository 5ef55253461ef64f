import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { type ListFileEntry, listFiles, modelInfo } from "@huggingface/hub";
import { EngineError } from "../errors.ts";
import { hubError } from "./hub-errors.ts";
import { type CachePlace, downloadToCache, type HubAccess } from "./hub-file.ts";
import { readShardIndex, SHARD_INDEX, SINGLE_FILE } from "./sharded.ts";

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
}

const ALWAYS = ["config.json", "tokenizer.json"];
const IF_THERE = ["tokenizer_config.json"];

/** A model of the Hugging Face hub in the cache's own layout; nothing is asked of the network once a commit is complete there. */
export async function downloadModel(id: string, revision: string, options: HubOptions): Promise<string> {
  const cache = options.cacheFolder ?? path.join(homedir(), ".cache", "huggingface", "hub");
  const storage = path.join(cache, `models--${id.replaceAll("/", "--")}`);
  const cached = await cachedSnapshot(storage, revision);
  if (cached) return cached;
  if (options.offline) {
    throw new EngineError(
      "DOWNLOAD_FAILED",
      `model ${id}@${revision}: not (or not whole) in the cache ${cache}, and downloads are switched off`,
    );
  }
  const access = {
    ...(options.token && { accessToken: options.token }),
    ...(options.hubUrl && { hubUrl: options.hubUrl }),
  };
  try {
    const { sha } = await modelInfo({ name: id, revision, additionalFields: ["sha"], ...access });
    const place = { id, commit: sha, storage, snapshot: path.join(storage, "snapshots", sha) };
    await downloadSnapshot(place, access, options);
    if (revision !== sha) {
      // The ref is written last: a snapshot that a ref points to is complete.
      const ref = path.join(storage, "refs", revision);
      await mkdir(path.dirname(ref), { recursive: true });
      await writeFile(ref, sha);
    }
    return place.snapshot;
  } catch (error) {
    throw hubError(`model ${id}@${revision}`, error);
  }
}

async function downloadSnapshot(
  place: CachePlace,
  access: HubAccess,
  { onDownload }: HubOptions,
): Promise<void> {
  const listed = new Map<string, ListFileEntry>();
  for await (const entry of listFiles({ repo: place.id, revision: place.commit, ...access }))
    if (entry.type === "file") listed.set(entry.path, entry);
  refuseUnusable(place.id, listed);
  const get = async (name: string) => {
    const file = listed.get(name);
    if (!file)
      throw new EngineError("BAD_WEIGHTS", `shard ${name} of ${place.id}: in its index but not on the hub`);
    await downloadToCache(file, place, access, (done) => onDownload?.(name, done, file.size));
  };
  for (const name of [...ALWAYS, ...IF_THERE.filter((name) => listed.has(name))]) await get(name);
  if (listed.has(SINGLE_FILE)) return get(SINGLE_FILE);
  await get(SHARD_INDEX);
  for (const shard of new Set((await readShardIndex(place.snapshot)).values())) await get(shard);
}

/** Says before any download what would be missing after it. */
function refuseUnusable(id: string, listed: ReadonlyMap<string, unknown>): void {
  const convert =
    "load it with Python transformers, save model and tokenizer with save_pretrained(folder), and give that folder";
  if (!listed.has("config.json"))
    throw new EngineError("MODEL_NOT_FOUND", `model ${id}: its hub repository has no config.json`);
  if (!listed.has(SINGLE_FILE) && !listed.has(SHARD_INDEX))
    throw new EngineError(
      "BAD_WEIGHTS",
      `model ${id}: its hub repository has no safetensors weights (${convert})`,
    );
  if (!listed.has("tokenizer.json"))
    throw new EngineError(
      "BAD_TOKENIZER",
      `model ${id}: its hub repository has no tokenizer.json (${convert})`,
    );
}

/** @returns null where a file of the commit is not there: also an interrupted download of another tool counts as absent */
async function cachedSnapshot(storage: string, revision: string): Promise<string | null> {
  const commit = (await readFile(path.join(storage, "refs", revision), "utf8").catch(() => revision)).trim();
  if (!/^[\w.-]+$/.test(commit)) return null;
  const snapshot = path.join(storage, "snapshots", commit);
  const has = (file: string) =>
    stat(path.join(snapshot, file)).then(
      () => true,
      () => false,
    );
  for (const file of ALWAYS) if (!(await has(file))) return null;
  if (await has(SINGLE_FILE)) return snapshot;
  if (!(await has(SHARD_INDEX))) return null;
  for (const shard of new Set((await readShardIndex(snapshot)).values()))
    if (!(await has(shard))) return null;
  return snapshot;
}
