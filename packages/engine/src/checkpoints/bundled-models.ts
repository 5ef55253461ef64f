import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** Names of the bundled models: folders with a config.json. */
export async function bundledModels(modelsFolder: string): Promise<string[]> {
  const entries = await readdir(modelsFolder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(
    names.map(async (name) => ((await exists(path.join(modelsFolder, name, "config.json"))) ? [name] : [])),
  );
  return found.flat().sort();
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
