import { EngineError } from "@recallscope/engine";
import { DEBUG } from "./environment.ts";

export const EXIT = { failed: 1, usage: 2, interrupted: 130 } as const;

/** One message on stderr: `error CODE: what, where, the way out`. @returns the exit code */
export function reportFailure(error: unknown): number {
  const { code, message, stack } = describe(error);
  process.stderr.write(`error${code ? ` ${code}` : ""}: ${message}\n`);
  if (DEBUG && stack) process.stderr.write(`${stack}\n`);
  return code === "CANCELLED" ? EXIT.interrupted : EXIT.failed;
}

function describe(error: unknown): { code?: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { code, message: error.message, stack: error.stack };
}

export const badInput = (message: string, cause?: unknown): EngineError =>
  new EngineError("BAD_INPUT", message, { cause });
