export const ERROR_CODES = [
  "MODEL_NOT_FOUND",
  "MODEL_CHANGED",
  "BAD_CONFIG",
  "UNSUPPORTED_MODEL",
  "BAD_WEIGHTS",
  "BAD_TOKENIZER",
  "DOWNLOAD_FAILED",
  "BAD_TASK",
  "TASK_NOT_FOUND",
  "NO_KNOWN_FACTS",
  "BAD_SETTINGS",
  "UNKNOWN_HOOK",
  "BAD_INPUT",
  "BAD_PAIR",
  "SELF_CHECK_FAILED",
  "OUT_OF_MEMORY",
  "DEVICE_UNUSABLE",
  "ENGINE_FAILED",
  "CANCELLED",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * A failure a user can do something about. The message says what, where, the allowed range and the way out:
 * lower case, noun first, value last.
 */
export class EngineError extends Error {
  override name = "EngineError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
