import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const APP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../src/app");

/** Patterns of all pages as Next.js finds them, e.g. `/runs/[id]`: the folders of src/app with a page.tsx. */
export const routes = (): string[] =>
  readdirSync(APP, { recursive: true, encoding: "utf8" })
    .map((file) => file.split(path.sep))
    .filter((parts) => parts.at(-1) === "page.tsx")
    .map((parts) => `/${parts.slice(0, -1).join("/")}`)
    .sort();
