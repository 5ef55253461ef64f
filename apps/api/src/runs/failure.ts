import { EngineError } from "@recallscope/engine";
import { isUnreachable } from "../database/failures.ts";
import { ApiError, type ApiErrorCode, DISK_FULL, isDiskFull } from "../errors.ts";
import { redact } from "../secrets.ts";

/** Why a run or a model failed, as it is stored and shown. */
export interface Failure {
  code: ApiErrorCode;
  message: string;
}

export function failureOf(error: unknown): Failure {
  const { code, message } = explain(error);
  return { code, message: redact(message) };
}

function explain(error: unknown): Failure {
  if (error instanceof EngineError || error instanceof ApiError)
    return { code: error.code, message: error.message };
  if (isDiskFull(error)) return { code: "DISK_FULL", message: DISK_FULL };
  if (fromDatabase(error)) {
    const reason = lastLine(error.message);
    return { code: "DATABASE_FAILED", message: `store: the result could not be written (${reason})` };
  }
  return { code: "ENGINE_FAILED", message: error instanceof Error ? error.message : String(error) };
}

const fromDatabase = (error: unknown): error is Error =>
  error instanceof Error && error.name.startsWith("PrismaClient");
/** The client's messages begin with the source code of the call. */
const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

/** Failures that say something about the model, whatever the task. */
const OF_THE_MODEL: ReadonlySet<string> = new Set([
  "MODEL_NOT_FOUND",
  "BAD_CONFIG",
  "UNSUPPORTED_MODEL",
  "BAD_WEIGHTS",
  "BAD_TOKENIZER",
  "DOWNLOAD_FAILED",
  "SELF_CHECK_FAILED",
]);
/** Whether the store did not answer: the same may work in a while. The engine's own connections are tried again by itself. */
export const isPassing = (error: unknown): boolean => !(error instanceof EngineError) && isUnreachable(error);

export const blamesModel = ({ code }: Failure): boolean => OF_THE_MODEL.has(code);

/** Text columns cannot hold U+0000. */
export const storable = (text: string): string => text.replaceAll("\u0000", "\uFFFD");
