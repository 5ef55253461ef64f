import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../environment.ts";

const SCHEMA = path.join(ROOT, "prisma/schema.prisma");
const GENERATED = path.join(ROOT, "apps/api/src/generated/prisma/client.ts");

/** Makes the database client from its schema when it is missing or older: right after `npm ci` nothing has been built. */
export async function prepareStore(): Promise<void> {
  if ((await modified(GENERATED)) >= (await modified(SCHEMA))) return;
  const { code, output } = await npmGenerate();
  if (code !== 0) throw new Error(`database client: \`npm run generate\` failed\n${output}`);
}

const modified = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.mtimeMs ?? 0;

const npmGenerate = (): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const child = spawn(npm, ["run", "generate", "--workspace", "@recallscope/api"], {
      cwd: ROOT,
      shell: process.platform === "win32",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
