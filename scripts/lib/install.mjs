import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import path from "node:path";
import { explain, lastLines, npm, ROOT } from "./commands.mjs";
import { StepError } from "./steps.mjs";

/** Bytes that node_modules and its download take, rounded up. */
const INSTALL_BYTES = 1.6e9;

/**
 * Why node_modules must be installed, or null when it matches package-lock.json. npm writes its record
 * `node_modules/.package-lock.json` last, so an interrupted install has none.
 */
export function whyInstall(root = ROOT) {
  const record = path.join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return "packages are not installed yet";
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  for (const [place, entry] of Object.entries(wanted)) {
    // Workspaces are links into this tree; packages for other platforms are optional and rightly absent.
    if (!place.includes("node_modules/") || entry.link || entry.inBundle) continue;
    const have = installed[place];
    if (!have && entry.optional) continue;
    if (have?.version !== entry.version)
      return `${place.split("node_modules/").pop()} ${entry.version} is missing`;
  }
  return null;
}

export async function checkFreeSpace(bytes = INSTALL_BYTES, folder = ROOT) {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes) {
    const gigabytes = (value) => (value / 1e9).toFixed(1);
    throw new StepError(
      `${gigabytes(free)} GB free in ${folder}, about ${gigabytes(bytes)} GB needed for the packages: free some space and try again`,
    );
  }
}

/** Installs exactly what package-lock.json names. Does nothing, and needs no network, when it is there already. */
export async function install() {
  const reason = whyInstall();
  if (reason === null) return "up to date";
  process.stdout.write(`  ${reason}: npm ci, about a minute\n`);
  await checkFreeSpace();
  // Build tools are devDependencies: a NODE_ENV=production in the user's shell must not leave them out.
  const { code, output } = await npm([
    "ci",
    "--include=dev",
    "--include=optional",
    "--engine-strict=false",
    "--no-audit",
    "--no-fund",
  ]);
  if (code === 127)
    throw new StepError(
      "npm is not installed or not on the PATH: it comes with Node from https://nodejs.org",
    );
  if (code !== 0)
    throw new StepError(`${lastLines(output, 40)}\n\n\`npm ci\` failed: ${explain(output) ?? "see above"}`);
  return "installed";
}
