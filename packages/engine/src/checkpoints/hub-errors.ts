import { HubApiError } from "@huggingface/hub";
import { EngineError } from "../errors.ts";

/** What a failed exchange with the hub means for the user. @param where the model, for the message */
export function hubError(where: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const options = { cause: error };
  if (error instanceof HubApiError) {
    const status = error.statusCode;
    // To strangers the hub answers 401 for what does not exist, too.
    if (status === 401 || status === 403) {
      return new EngineError(
        "DOWNLOAD_FAILED",
        `${where}: the hub refuses access (${status}): no such model, or a private or gated one (accept its licence on the hub and set HF_TOKEN)`,
        options,
      );
    }
    if (status === 404) {
      return new EngineError(
        "MODEL_NOT_FOUND",
        `${where}: not on the hub (check owner, name and revision) and no folder of that name`,
        options,
      );
    }
    return new EngineError(
      "DOWNLOAD_FAILED",
      `${where}: the hub answers ${status}; try again later`,
      options,
    );
  }
  const reason = error instanceof Error ? error : new Error(String(error));
  const { code } = (reason.cause as { code?: string } | undefined) ?? (reason as { code?: string });
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new EngineError(
      "DOWNLOAD_FAILED",
      `${where}: no space left on the disk of the cache folder`,
      options,
    );
  }
  return new EngineError(
    "DOWNLOAD_FAILED",
    `${where}: download failed: ${reason.message}${code ? ` (${code})` : ""}; is this machine online?`,
    options,
  );
}
