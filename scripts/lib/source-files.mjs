import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./commands.mjs";

const FOLDERS = ["apps", "packages", "scripts", "prisma", "benchmarks"];
const SKIPPED = new Set(["node_modules", ".next", ".turbo", "generated", "migrations", "coverage", ".cache"]);
const SOURCE = /\.(?:[cm]?[jt]sx?|css|prisma|py)$/;
const GENERATED = /(?:graphql-env|next-env)\.d\.ts$/;

/** Every source file of the repository, generated ones left out. */
export function sourceFiles() {
  const files = [];
  const visit = (folder) => {
    for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
      const place = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) visit(place);
      else if (entry.isFile() && SOURCE.test(entry.name) && !GENERATED.test(entry.name)) {
        files.push({ path: place, text: readFileSync(path.join(ROOT, place), "utf8") });
      }
    }
  };
  for (const folder of FOLDERS) visit(folder);
  return files;
}
