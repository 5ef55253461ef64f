import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { isGguf } from "@recallscope/engine";
import type { ModelName } from "./model-name.ts";

const READ_BY_THE_ENGINE = /\.(?:json|safetensors|txt|model)$/;

/**
 * Names, sizes and times of a model's files: while they stay the same, hashes computed from them are still right, and the weights
 * need not be read to answer a request from the store. Null for hub models, whose files are kept by revision.
 */
export async function modelFingerprint(
  { name, source }: ModelName,
  modelsFolder: string,
): Promise<string | null> {
  if (source === "HUB") return null;
  const place = source === "BUNDLED" ? path.join(modelsFolder, name) : name;
  const hash = createHash("sha256");
  for (const file of isGguf(place) ? [place] : await filesOf(place)) {
    const { size, mtimeMs } = await stat(file);
    hash.update(`${path.basename(file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

const filesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder))
    .filter((file) => READ_BY_THE_ENGINE.test(file))
    .sort()
    .map((file) => path.join(folder, file));
