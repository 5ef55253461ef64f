import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { StepError } from "./steps.mjs";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const QUIET = {
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
};

/**
 * Runs a program in the repository root and collects what it prints.
 * @returns {Promise<{ code: number, output: string }>} code 127 when the program does not exist
 */
export function collect(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...QUIET, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const parts = [];
    child.stdout.on("data", (part) => parts.push(part));
    child.stderr.on("data", (part) => parts.push(part));
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code, signal) =>
      resolve({ code: code ?? (signal ? 1 : 0), output: Buffer.concat(parts).toString() }),
    );
  });
}

/** Runs a program with the terminal handed through. */
export function passThrough(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...QUIET, ...env },
      stdio: "inherit",
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** npm as it was called (`npm start` sets npm_execpath), else the one on the PATH. */
export function npm(args, env) {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script)) return collect(process.execPath, [script, ...args], env);
  return collect(process.platform === "win32" ? "npm.cmd" : "npm", args, env);
}

/** The program of an installed package, run by this Node: independent of shells and of the PATH. */
export const packageProgram = (file) => path.join(ROOT, "node_modules", file);

/** `turbo run TASK`; @throws StepError with the output when a task fails */
export async function turbo(task, ...flags) {
  const program = packageProgram("turbo/bin/turbo");
  const { code, output } = await collect(process.execPath, [
    program,
    "run",
    task,
    "--output-logs=new-only",
    ...flags,
  ]);
  if (code !== 0)
    throw new StepError(
      `${lastLines(output, 80)}\n\n\`turbo run ${task}\` failed: ${explainDisk(output) ?? "see above"}`,
    );
  return /FULL TURBO/.test(output) ? "nothing to do" : undefined;
}

export const lastLines = (text, count) => text.trimEnd().split("\n").slice(-count).join("\n");

const explainDisk = (output) =>
  /ENOSPC|no space left/i.test(output) ? "the disk is full: free about 1.5 GB and try again" : undefined;

/** What the user can do about a failed `npm ci`, from what it printed; undefined where the output has to speak for itself. */
export function explain(output) {
  if (explainDisk(output)) return explainDisk(output);
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network (?:request|timeout)/i.test(
      output,
    )
  ) {
    return "the package registry is not reachable: check the network or proxy (`npm ping`), then try again; an installed copy needs no network";
  }
  if (/EUSAGE|in sync/.test(output))
    return "package.json and package-lock.json differ: run `npm install` once, then try again";
  if (/EACCES|EPERM/.test(output))
    return "no permission to write here: check who owns this folder and the npm cache (`npm cache verify`)";
  return undefined;
}
