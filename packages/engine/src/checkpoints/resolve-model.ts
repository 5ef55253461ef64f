import { stat } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../errors.ts";
import { bundledModels } from "./bundled-models.ts";
import { isGguf } from "./gguf/is-gguf.ts";
import type { RestoreOptions } from "./gguf/restored-file.ts";
import { downloadModel, type HubOptions } from "./hub.ts";

export interface ModelPlaces extends HubOptions, RestoreOptions {
  /** The folder of bundled models. */
  modelsFolder: string;
}

/** The folder or GGUF file of a model given as such, the name of a bundled model, or a hub id `owner/name[@revision]`. */
export async function resolveModel(name: string, places: ModelPlaces): Promise<string> {
  if (name.trim() === "")
    throw new EngineError("MODEL_NOT_FOUND", `model: no name given (${await allowed(places)})`);
  if (await isFolder(name)) return path.resolve(name);
  if (isGguf(name)) {
    if (await isFile(name)) return path.resolve(name);
    throw new EngineError("MODEL_NOT_FOUND", `model: no file ${path.resolve(name)} (is the path right?)`);
  }
  const bundled = await bundledModels(places.modelsFolder);
  if (bundled.includes(name)) return path.join(places.modelsFolder, name);
  const hub = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\w[\w./-]*))?$/.exec(name);
  if (!hub || name.includes(".."))
    throw new EngineError("MODEL_NOT_FOUND", `model: ${name} not found (${await allowed(places)})`);
  return downloadModel(hub[1]!, hub[2] ?? "main", places);
}

const allowed = async ({ modelsFolder }: ModelPlaces): Promise<string> => {
  const bundled = await bundledModels(modelsFolder);
  return `give a folder, a GGUF file, a bundled model${bundled.length ? ` (${bundled.join(", ")})` : ""}, or a hub id such as openai-community/gpt2`;
};

const isFolder = (name: string) =>
  stat(name).then(
    (s) => s.isDirectory(),
    () => false,
  );

const isFile = (name: string) =>
  stat(name).then(
    (s) => s.isFile(),
    () => false,
  );
