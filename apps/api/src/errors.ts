import type { ErrorCode } from "@recallscope/engine";

/** Codes of failures outside the engine; its own codes pass through unchanged. */
export const API_ERROR_CODES = [
  "BAD_BUNDLE",
  "BAD_ENVIRONMENT",
  "BAD_REQUEST",
  "BAD_USER_INPUT",
  "BUNDLE_CONFLICT",
  "BUNDLE_VERSION",
  "DATABASE_FAILED",
  "DISK_FULL",
  "FOLDER_LOCKED",
  "FOLDER_NOT_WRITABLE",
  "FORBIDDEN",
  "HOST_NOT_ALLOWED",
  "LIVE_OFF",
  "MODEL_IN_USE",
  "MODEL_NOT_ALLOWED",
  "NAME_TAKEN",
  "NOT_COMPARABLE",
  "NOT_FOUND",
  "ORIGIN_NOT_ALLOWED",
  "PAYLOAD_TOO_LARGE",
  "PORT_TAKEN",
  "QUERY_TOO_COMPLEX",
  "RATE_LIMITED",
  "RUN_INTERRUPTED",
  "RUN_NOT_ACTIVE",
  "RUN_NOT_FINISHED",
  "SUPERSEDED",
  "TASK_REFUSED",
  "UNAUTHENTICATED",
  "WORKERS_DIFFER",
] as const;
export type ApiErrorCode = (typeof API_ERROR_CODES)[number] | ErrorCode;

/** A failure the caller can do something about: the message may be shown as it is. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly code: ApiErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The errno code of a system error, e.g. `ENOSPC`; null where there is none. */
export const errnoOf = (error: unknown): string | null => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : null;
};

/** Whether the database could not write because no space is left. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && /No space left on device|ENOSPC/.test(error.message);
export const DISK_FULL = "store: the disk is full: make room, then ask again";
