import { stat } from "node:fs/promises";
import path from "node:path";
import { bundledModels, isGguf } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { ModelSource } from "../generated/prisma/enums.ts";

export interface ModelName {
  /** The one name under which the store knows the model: of models/, absolute folder or GGUF file, or hub id. */
  name: string;
  source: ModelSource;
}

const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+(?:@[\w./-]+)?$/;

/**
 * Says which model a name means, without opening it.
 * @param base where a relative folder is looked for; null: only absolute folders are understood
 * @throws ApiError MODEL_NOT_FOUND for a name that no folder, bundled model or hub id can have
 */
export async function resolveModelName(
  given: string,
  modelsFolder: string,
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
  if (folder !== null && (await isModel(folder))) {
    const inside = path.dirname(folder) === modelsFolder && bundled.includes(path.basename(folder));
    return inside
      ? { name: path.basename(folder), source: "BUNDLED" }
      : { name: folder.replace(/[\\/]+$/, ""), source: "FOLDER" };
  }
  if (!path.isAbsolute(text) && !isGguf(text) && HUB_ID.test(text)) return { name: text, source: "HUB" };
  const problem = path.isAbsolute(text) ? "no folder with a config.json and no GGUF file there" : "not found";
  throw new ApiError(
    "MODEL_NOT_FOUND",
    `model: ${given}: ${problem} (allowed: ${bundled.length ? `a bundled model (${bundled.join(", ")}), ` : ""}the absolute path of a Hugging Face folder or a GGUF file, or a hub id such as openai-community/gpt2)`,
  );
}

/** A folder with a config.json, or a GGUF file. */
const isModel = (folder: string): Promise<boolean> =>
  stat(isGguf(folder) ? folder : path.join(folder, "config.json")).then(
    (entry) => entry.isFile(),
    () => false,
  );
