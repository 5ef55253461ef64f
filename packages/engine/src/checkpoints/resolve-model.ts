import { stat } from "node:fs/promises";
import path from "node:path";
import { EngineError } from "../errors.ts";
import { bundledModels } from "./bundled-models.ts";
import { downloadModel, type HubOptions } from "./hub.ts";

export interface ModelPlaces extends HubOptions {
  /** The folder of bundled models. */
  modelsFolder: string;
}

/** The folder of a model given as a folder, the name of a bundled model, or a hub id `owner/name[@revision]`. */
export async function resolveModel(name: string, places: ModelPlaces): Promise<string> {
  if (name.trim() === "")
    throw new EngineError("MODEL_NOT_FOUND", `model: no name given (${await allowed(places)})`);
  if (await isFolder(name)) return path.resolve(name);
  const bundled = await bundledModels(places.modelsFolder);
  if (bundled.includes(name)) return path.join(places.modelsFolder, name);
  const hub = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\w[\w./-]*))?$/.exec(name);
  if (!hub || name.includes(".."))
    throw new EngineError("MODEL_NOT_FOUND", `model: ${name} not found (${await allowed(places)})`);
  return downloadModel(hub[1]!, hub[2] ?? "main", places);
}

const allowed = async ({ modelsFolder }: ModelPlaces): Promise<string> => {
  const bundled = await bundledModels(modelsFolder);
  return `give a folder, a bundled model${bundled.length ? ` (${bundled.join(", ")})` : ""}, or a hub id such as openai-community/gpt2`;
};

const isFolder = (name: string) =>
  stat(name).then(
    (s) => s.isDirectory(),
    () => false,
  );
