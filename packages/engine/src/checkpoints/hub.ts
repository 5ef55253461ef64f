import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { downloadFileToCacheDir, HubApiError, listFiles, modelInfo } from "@huggingface/hub";
import { EngineError } from "../errors.ts";

export interface HubOptions {
  /** Hugging Face cache folder, shared with the Python tools; default ~/.cache/huggingface/hub. */
  cacheFolder?: string;
  token?: string;
  hubUrl?: string;
  onDownload?: (file: string) => void;
}

const WANTED =
  /^(config\.json|tokenizer\.json|tokenizer_config\.json|model\.safetensors\.index\.json|[\w.-]+\.safetensors)$/;

/** A model of the Hugging Face hub in the cache's own layout; nothing is asked of the network once a commit is complete there. */
export async function downloadModel(id: string, revision: string, options: HubOptions): Promise<string> {
  const cache = options.cacheFolder ?? path.join(homedir(), ".cache", "huggingface", "hub");
  const storage = path.join(cache, `models--${id.replaceAll("/", "--")}`);
  const cached = await cachedSnapshot(storage, revision);
  if (cached) return cached;
  const access = {
    ...(options.token && { accessToken: options.token }),
    ...(options.hubUrl && { hubUrl: options.hubUrl }),
  };
  try {
    const { sha } = await modelInfo({ name: id, revision, additionalFields: ["sha"], ...access });
    const snapshot = path.join(storage, "snapshots", sha);
    for await (const entry of listFiles({ repo: id, revision: sha, ...access })) {
      if (entry.type !== "file" || !WANTED.test(entry.path)) continue;
      options.onDownload?.(entry.path);
      await downloadFileToCacheDir({ repo: id, path: entry.path, revision: sha, cacheDir: cache, ...access });
    }
    // The ref is written last: a snapshot that a ref points to is complete.
    const ref = path.join(storage, "refs", revision);
    await mkdir(path.dirname(ref), { recursive: true });
    await writeFile(ref, sha);
    return snapshot;
  } catch (error) {
    throw hubError(id, revision, error);
  }
}

async function cachedSnapshot(storage: string, revision: string): Promise<string | null> {
  const sha = await readFile(path.join(storage, "refs", revision), "utf8").catch(() => revision);
  const snapshot = path.join(storage, "snapshots", sha.trim());
  const has = (file: string) =>
    stat(path.join(snapshot, file)).then(
      () => true,
      () => false,
    );
  const weights = (await has("model.safetensors")) || (await has("model.safetensors.index.json"));
  return weights && (await has("config.json")) && (await has("tokenizer.json")) ? snapshot : null;
}

function hubError(id: string, revision: string, error: unknown): EngineError {
  const where = `model ${id}@${revision}`;
  if (error instanceof HubApiError) {
    if (error.statusCode === 401 || error.statusCode === 403) {
      return new EngineError(
        "DOWNLOAD_FAILED",
        `${where}: the hub refuses access (${error.statusCode}); accept its licence on the hub and set HF_TOKEN`,
        { cause: error },
      );
    }
    if (error.statusCode === 404) {
      return new EngineError("MODEL_NOT_FOUND", `${where}: not on the hub (check owner, name and revision)`, {
        cause: error,
      });
    }
  }
  const { code } = (error as { cause?: { code?: string } }).cause ?? (error as { code?: string });
  if (code === "ENOSPC")
    return new EngineError("DOWNLOAD_FAILED", `${where}: no space left on the disk of the cache folder`, {
      cause: error,
    });
  return new EngineError(
    "DOWNLOAD_FAILED",
    `${where}: download failed: ${(error as Error).message}${code ? ` (${code})` : ""}; is this machine online?`,
    { cause: error },
  );
}
