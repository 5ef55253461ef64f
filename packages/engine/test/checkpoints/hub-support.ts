import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { resolveModel } from "../../src/checkpoints/resolve-model.ts";
import { FakeHub } from "./fake-hub.ts";
import { f32, safetensorsBytes, temporaryFolder } from "./files.ts";

export const text = (value: object) => Buffer.from(JSON.stringify(value));
export const WEIGHTS = safetensorsBytes({ a: f32(...Array.from({ length: 50_000 }, (_, i) => i)) });
export const FILES = {
  "config.json": text({ model_type: "gpt2" }),
  "tokenizer.json": text({}),
  "tokenizer_config.json": text({}),
  "model.safetensors": WEIGHTS,
};

export const hub = new FakeHub();
export const cacheFolder = temporaryFolder();
export const storage = path.join(cacheFolder, "models--owner--name");
export const blob = (name: string) => path.join(storage, "blobs", name);

/** Downloads `owner/name`, or another name, from the fake hub. */
export const get = (more: object = {}, name = "owner/name"): Promise<string> =>
  resolveModel(name, { modelsFolder: "/nothing", cacheFolder, hubUrl: hub.url, retryDelay: 1, ...more });

/** Starts the fake hub for a test file, and empties it and the cache before every test. */
export function useHub(): void {
  beforeAll(() => hub.start());
  afterAll(() => hub.stop());
  beforeEach(() => {
    rmSync(cacheFolder, { recursive: true, force: true });
    hub.reset(FILES);
  });
}
