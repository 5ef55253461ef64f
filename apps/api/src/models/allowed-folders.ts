import { readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { ApiError } from "../errors.ts";

/**
 * Refuses a model folder that lies outside of the allowed ones, or holds a link that leads out of them. The answer is the same
 * whether the folder exists or not, so that nobody learns what is on this machine.
 * @param allowed folders that hold models; null: any folder
 * @throws ApiError MODEL_NOT_ALLOWED
 */
export async function refuseFoldersOutside(
  folder: string,
  modelsFolder: string,
  allowed: readonly string[] | null,
): Promise<void> {
  if (allowed === null) return;
  const roots = [modelsFolder, ...allowed];
  const refusal = new ApiError(
    "MODEL_NOT_ALLOWED",
    `model: ${folder}: not in a folder that this server opens models from: name a bundled model or a hub id, or have the folder listed in RECALLSCOPE_MODEL_FOLDERS`,
  );
  if (!roots.some((root) => holds(root, folder))) throw refusal;
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  const inside = (place: string) => realRoots.some((root) => holds(root, place));
  const real = await realpath(folder).catch(() => null);
  if (real === null) return;
  if (!inside(real)) throw refusal;
  for (const file of await readdir(real).catch(() => [])) {
    const target = await realpath(path.join(real, file)).catch(() => null);
    if (target !== null && !inside(target)) throw refusal;
  }
}

/** Whether `place` is below `root`. */
function holds(root: string, place: string): boolean {
  const way = path.relative(root, place);
  return way !== "" && way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
