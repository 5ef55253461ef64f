import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

export interface HubEnvironment {
  cacheFolder: string;
  token: string | undefined;
  hubUrl: string | undefined;
  offline: boolean;
}

/**
 * Where the Python tools of the hub would look, given the same environment variables: `HF_HUB_CACHE`, or `HF_HOME/hub`, or
 * `XDG_CACHE_HOME/huggingface/hub`; the token of `HF_TOKEN`, or of the file that `hf auth login` writes (`HF_TOKEN_PATH`, `HF_HOME/token`;
 * not with `HF_HUB_DISABLE_IMPLICIT_TOKEN`); the address of `HF_ENDPOINT`; no network with `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`.
 * @param env the variables, which only the programs around the engine read
 */
export function hubEnvironment(env: Readonly<Record<string, string | undefined>>): HubEnvironment {
  const folder = (value: string) => value.replace(/^~(?=$|[/\\])/, homedir());
  const home = folder(env.HF_HOME || path.join(env.XDG_CACHE_HOME || "~/.cache", "huggingface"));
  const tokenFile = folder(env.HF_TOKEN_PATH || path.join(home, "token"));
  const isOn = (value: string | undefined) =>
    ["1", "true", "yes", "on"].includes((value ?? "").toLowerCase());
  const implicit = isOn(env.HF_HUB_DISABLE_IMPLICIT_TOKEN) ? undefined : firstLine(tokenFile);
  return {
    cacheFolder: folder(env.HF_HUB_CACHE || path.join(home, "hub")),
    token: env.HF_TOKEN?.trim() || implicit,
    hubUrl: env.HF_ENDPOINT?.replace(/\/+$/, "") || undefined,
    offline: isOn(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE),
  };
}

function firstLine(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim().split(/\s/)[0] || undefined;
  } catch {
    return undefined;
  }
}
