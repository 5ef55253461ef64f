import { stat } from "node:fs/promises";
import path from "node:path";
import { bundledModels, isGguf } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { ModelSource } from "../generated/prisma/enums.ts";
import { refuseFoldersOutside } from "./allowed-folders.ts";

export interface ModelName {
  /** The one name under which the store knows the model: of models/, absolute folder or GGUF file, or hub id. */
  name: string;
  source: ModelSource;
}

const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+(?:@[\w./-]+)?$/;

export interface ModelPlaces {
  modelsFolder: string;
  modelFolders: readonly string[] | null;
}

/**
 * Says which model a name means, without opening it.
 * @param base where a relative folder is looked for; null: only absolute folders are understood
 * @throws ApiError MODEL_NOT_FOUND for a name that no folder, bundled model or hub id can have; MODEL_NOT_ALLOWED for a folder
 * outside of those that may be opened, whether it is there or not
 */
export async function resolveModelName(
  given: string,
  { modelsFolder, modelFolders }: ModelPlaces,
  base: string | null = null,
): Promise<ModelName> {
  const text = given.trim();
  const bundled = await bundledModels(modelsFolder);
  if (bundled.includes(text)) return { name: text, source: "BUNDLED" };
  const folder = path.isAbsolute(text)
    ? path.normalize(text)
    : base === null
      ? null
      : path.resolve(base, text);
  if (folder !== null) await refuseFoldersOutside(folder, modelsFolder, modelFolders);
  if (folder !== null && (await isModel(folder))) {
    const inside = path.dirname(folder) === modelsFolder && bundled.includes(path.basename(folder));
    return inside
      ? { name: path.basename(folder), source: "BUNDLED" }
      : { name: folder.replace(/[\\/]+$/, ""), source: "FOLDER" };
  }
  if (!path.isAbsolute(text) && !isGguf(text) && HUB_ID.test(text) && !text.includes("..")) {
    // The engine prefers a folder of that name, seen from where the server was started.
    if (modelFolders !== null && (await isFolder(path.resolve(text))))
      await refuseFoldersOutside(path.resolve(text), modelsFolder, modelFolders);
    return { name: text, source: "HUB" };
  }
  const problem = path.isAbsolute(text) ? "no folder with a config.json and no GGUF file there" : "not found";
  throw new ApiError(
    "MODEL_NOT_FOUND",
    `model: ${given}: ${problem} (allowed: ${bundled.length ? `a bundled model (${bundled.join(", ")}), ` : ""}the absolute path of a Hugging Face folder or a GGUF file, or a hub id such as openai-community/gpt2)`,
  );
}

/** The same check for a model that was named before: what lies in a folder may have changed since. @throws ApiError MODEL_NOT_ALLOWED */
export async function refuseMoved({ name, source }: ModelName, places: ModelPlaces): Promise<void> {
  if (source === "BUNDLED") return;
  const folder = path.resolve(name);
  if (source === "FOLDER" || (await isFolder(folder)))
    await refuseFoldersOutside(folder, places.modelsFolder, places.modelFolders);
}

const isFolder = (folder: string): Promise<boolean> =>
  stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
/** A folder with a config.json, or a GGUF file. */
const isModel = (folder: string): Promise<boolean> =>
  stat(isGguf(folder) ? folder : path.join(folder, "config.json")).then(
    (entry) => entry.isFile(),
    () => false,
  );
