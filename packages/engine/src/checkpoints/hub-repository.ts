import type { ListFileEntry } from "@huggingface/hub";
import { EngineError } from "../errors.ts";
import { type HubAccess, hubFetch } from "./hub-fetch.ts";
import { SHARD_INDEX, SINGLE_FILE } from "./sharded.ts";

export type Listing = ReadonlyMap<string, ListFileEntry>;

const CONFIG = "tokenizer_config.json";
const CONVERT =
  "load it with Python transformers, save model and tokenizer with save_pretrained(folder), and give that folder";

export interface NeededFiles {
  small: ListFileEntry[];
  /** The one file of weights; null where the index names them. */
  weights: ListFileEntry | null;
  /** What is read if it is there, and is not. */
  absent: string[];
}

/** Of all files of a repository, those that are read here. */
export function filesToGet(listed: Listing): NeededFiles {
  const tokenizer = listed.has("tokenizer.json") ? ["tokenizer.json"] : ["vocab.json", "merges.txt"];
  const weights = listed.get(SINGLE_FILE) ?? null;
  const small = ["config.json", ...tokenizer, CONFIG, ...(weights ? [] : [SHARD_INDEX])];
  return {
    small: small.flatMap((name) => listed.get(name) ?? []),
    weights,
    absent: ["tokenizer.json", CONFIG].filter((name) => !listed.has(name)),
  };
}

/**
 * Says before any download what would be missing after it.
 * @param filesOf lists the files of another revision
 */
export async function refuseUnusable(
  id: string,
  revision: string,
  listed: Listing,
  filesOf: (revision: string) => Promise<Listing>,
  access: HubAccess,
): Promise<void> {
  const refuse = (code: "MODEL_NOT_FOUND" | "BAD_WEIGHTS" | "BAD_TOKENIZER", what: string): never => {
    throw new EngineError(code, `model ${id}@${revision}: its hub repository has ${what}`);
  };
  if (!listed.has("config.json")) refuse("MODEL_NOT_FOUND", "no config.json (is it a transformers model?)");
  if (!listed.has("tokenizer.json") && !(listed.has("vocab.json") && listed.has("merges.txt")))
    refuse("BAD_TOKENIZER", `no tokenizer.json (${CONVERT})`);
  if (hasSafetensors(listed)) return;
  const other = [...listed.keys()].find((name) => /\.(?:bin|pth?|h5|msgpack|gguf)$/.test(name));
  const instead = other ? `, only files like ${other}` : "";
  const request = await pullRequestWithSafetensors(id, filesOf, access);
  refuse(
    "BAD_WEIGHTS",
    request === null
      ? `no safetensors weights${instead}, nor has a pull request that says so (${CONVERT})`
      : `no safetensors weights${instead}, but its pull request does: give ${id}@${request}`,
  );
}

const hasSafetensors = (listed: Listing) => listed.has(SINGLE_FILE) || listed.has(SHARD_INDEX);

interface Discussion {
  num: number;
  title: string;
  isPullRequest: boolean;
}

/** Where old models wait for their conversion: an open pull request, whose files the hub serves like those of a branch. */
async function pullRequestWithSafetensors(
  id: string,
  filesOf: (revision: string) => Promise<Listing>,
  access: HubAccess,
): Promise<string | null> {
  const url = `${access.hubUrl}/api/models/${id}/discussions?type=pull_request&status=open`;
  try {
    const response = await hubFetch(access)(url);
    const { discussions } = (await response.json()) as { discussions: Discussion[] };
    for (const { num, title, isPullRequest } of discussions) {
      if (!isPullRequest || !/safetensors/i.test(title)) continue;
      const revision = `refs/pr/${num}`;
      if (hasSafetensors(await filesOf(revision))) return revision;
    }
  } catch {
    // A hint that cannot be had must not hide what is wrong.
  }
  return null;
}
