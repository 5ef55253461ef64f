import { PothosValidationError } from "@pothos/core";
import { InputValidationError } from "@pothos/plugin-validation";
import { EngineError } from "@recallscope/engine";
import { isUnreachable, isUnstorable } from "./database/failures.ts";
import { ApiError, DISK_FULL, isDiskFull } from "./errors.ts";

/** A failure as whoever asked may see it. */
export interface PublicFailure {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** What a failure is called outside, in answers and in events alike; null: nobody's business but the log's. */
export function publicFailure(error: unknown): PublicFailure | null {
  const failure = (code: string, message: string, details: Record<string, unknown> = {}) => ({
    code,
    message,
    details,
  });
  if (error instanceof ApiError) return failure(error.code, error.message, error.details);
  if (error instanceof EngineError) return failure(error.code, error.message);
  if (error instanceof InputValidationError) {
    const issues = error.issues.map((issue) => ({ message: issue.message, path: issuePath(issue.path) }));
    return failure("BAD_USER_INPUT", issues.map((issue) => issue.message).join("; "), { issues });
  }
  if (error instanceof PothosValidationError) return failure("BAD_USER_INPUT", error.message);
  if (isDiskFull(error)) return failure("DISK_FULL", DISK_FULL);
  if (isUnreachable(error))
    return failure(
      "DATABASE_FAILED",
      "store: the database does not answer: try again in a moment, or see /readyz",
    );
  if (isUnstorable(error))
    return failure("BAD_USER_INPUT", "a text holds U+0000, which cannot be stored or found");
  if (isMissingRow(error)) return failure("NOT_FOUND", "not found (was it deleted a moment ago?)");
  return null;
}

const issuePath = (path: readonly (PropertyKey | { key: PropertyKey })[] | undefined): string =>
  (path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");

const isMissingRow = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "P2025";
