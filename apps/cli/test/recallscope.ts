import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const BIN = path.join(ROOT, "apps/cli/bin/recallscope.mjs");

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the bin as a user would and waits for its end. @param onStderr told of everything it has written there so far */
export function recallscope(
  args: readonly string[],
  env: Record<string, string> = {},
  onStderr: (text: string, child: ChildProcess) => void = () => {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });
    const outcome: Outcome = { code: null, stdout: "", stderr: "" };
    child.stdout.on("data", (part) => {
      outcome.stdout += part;
    });
    child.stderr.on("data", (part) => {
      outcome.stderr += part;
      onStderr(outcome.stderr, child);
    });
    child.on("error", reject).on("close", (code) => resolve({ ...outcome, code }));
  });
}
