import { copyFile, mkdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { readShardIndex, SHARD_INDEX, SINGLE_FILE } from "./sharded.ts";

/** Where a commit of a model lies in a Hugging Face cache: `models--owner--name` with its blobs and the commit's snapshot. */
export interface CachePlace {
  id: string;
  commit: string;
  /** The cache folder, where locks are kept for all models. */
  cache: string;
  storage: string;
  snapshot: string;
}

export const COMMIT = /^[0-9a-f]{40}$/;

export function cachePlace(cache: string, id: string, commit: string): CachePlace {
  const storage = storageOf(cache, id);
  return { id, commit, cache, storage, snapshot: path.join(storage, "snapshots", commit) };
}

const storageOf = (cache: string, id: string) => path.join(cache, `models--${id.replaceAll("/", "--")}`);

/** Which model and commit of the hub a folder is the snapshot of; null for any other folder. */
export function snapshotOf(folder: string): { id: string; commit: string } | null {
  const found = /models--([^/\\]+)[/\\]snapshots[/\\]([0-9a-f]{40})[/\\]?$/.exec(folder);
  return found ? { id: found[1]!.replaceAll("--", "/"), commit: found[2]! } : null;
}

/** The commit a revision had when it was last downloaded, by us or the Python tools; null where it never was. */
export async function cachedCommit(cache: string, id: string, revision: string): Promise<string | null> {
  if (COMMIT.test(revision)) return revision;
  const ref = path.join(storageOf(cache, id), "refs", revision);
  const commit = (await readFile(ref, "utf8").catch(() => "")).trim();
  return COMMIT.test(commit) ? commit : null;
}

/** Written last: a snapshot that a ref points to is complete. */
export async function writeRef({ storage, commit }: CachePlace, revision: string): Promise<void> {
  if (revision === commit) return;
  const ref = path.join(storage, "refs", revision);
  await mkdir(path.dirname(ref), { recursive: true });
  await writeFile(`${ref}.${process.pid}`, commit);
  await rename(`${ref}.${process.pid}`, ref);
}

/** Makes a blob the snapshot's file of this name, whatever was there and whoever does the same at this moment. */
export async function linkBlob(blob: string, pointer: string): Promise<void> {
  await mkdir(path.dirname(pointer), { recursive: true });
  const made = `${pointer}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  // Where links are not allowed (Windows without the right), a copy does.
  await symlink(path.relative(path.dirname(pointer), blob), made).catch(() => copyFile(blob, made));
  await rename(made, pointer);
}

/** Remembers, as the Python tools do, that a commit has no file of this name. */
export async function markAbsent({ storage, commit }: CachePlace, name: string): Promise<void> {
  const mark = absenceMark(storage, commit, name);
  await mkdir(path.dirname(mark), { recursive: true });
  await writeFile(mark, "");
}

const absenceMark = (storage: string, commit: string, name: string) =>
  path.join(storage, ".no_exist", commit, name);

/**
 * The files of a model that a snapshot lacks, by name; none: it is whole. Other tools download single files, so that a snapshot may
 * hold the weights and not the tokenizer; and a tokenizer without its configuration could lack its start token without a sign.
 */
export async function missingFiles({ storage, commit, snapshot }: CachePlace): Promise<string[]> {
  const has = (file: string) => exists(path.join(snapshot, file));
  const absent = (file: string) => exists(absenceMark(storage, commit, file));
  const missing: string[] = [];
  const need = async (file: string) => {
    if (!(await has(file))) missing.push(file);
  };
  await need("config.json");
  if (!(await has("tokenizer.json")))
    for (const file of (await absent("tokenizer.json")) ? ["vocab.json", "merges.txt"] : ["tokenizer.json"])
      await need(file);
  if (!(await absent("tokenizer_config.json"))) await need("tokenizer_config.json");
  if (await has(SINGLE_FILE)) return missing;
  if (!(await has(SHARD_INDEX))) return [...missing, SINGLE_FILE];
  for (const shard of new Set((await readShardIndex(snapshot)).values())) await need(shard);
  return missing;
}

export const sizeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  );

const exists = async (file: string) => (await sizeOf(file)) !== null;
