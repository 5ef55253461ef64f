import { EngineError } from "../errors.ts";
import { HubFailure } from "./hub-fetch.ts";

export interface Wanted {
  id: string;
  revision: string;
  /** Whether a token was sent along. */
  token: boolean;
  cache: string;
}

/** What a failed exchange with the hub means for the user. */
export function hubError(wanted: Wanted, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const where = `model ${wanted.id}@${wanted.revision}`;
  const failed = (message: string) =>
    new EngineError("DOWNLOAD_FAILED", `${where}: ${message}`, { cause: error });
  if (error instanceof HubFailure) return refusal(wanted, where, error);
  const reason = error instanceof Error ? error : new Error(String(error));
  const { code } = (reason.cause as { code?: string } | undefined) ?? (reason as { code?: string });
  if (code === "ENOSPC" || code === "EDQUOT")
    return failed(
      `no space left on the disk of the cache ${wanted.cache} (make room and start it again, it goes on where it stopped; or set HF_HUB_CACHE to a folder of another disk)`,
    );
  if (code && ["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(code))
    return failed(
      `the cache ${wanted.cache} cannot be written (${code}; set HF_HUB_CACHE to another folder)`,
    );
  return failed(
    `download failed: ${reason.message}${code ? ` (${code})` : ""}; is this machine online? What has come is kept, and the same command goes on from there`,
  );
}

function refusal({ id, revision, token }: Wanted, where: string, cause: HubFailure): EngineError {
  const { status, reason, retryAfter } = cause;
  const refuse = (code: "DOWNLOAD_FAILED" | "MODEL_NOT_FOUND", message: string) =>
    new EngineError(code, `${where}: ${message}`, { cause });
  if (reason === "GatedRepo")
    return refuse(
      "DOWNLOAD_FAILED",
      `gated (${status}): accept its licence on the hub's page of ${id}, and ${token ? "use a token of the account that did (this one has no access)" : "set HF_TOKEN to a token of that account"}`,
    );
  // To strangers the hub answers 401 for what does not exist, too.
  if (status === 401 || status === 403)
    return refuse(
      "DOWNLOAD_FAILED",
      `the hub refuses access (${status}): no such model, or a private or gated one (${token ? "the token given does not open it" : "accept its licence on the hub and set HF_TOKEN"})`,
    );
  if (status === 404)
    return reason === "RevisionNotFound"
      ? refuse("MODEL_NOT_FOUND", `the hub has the model, but no revision ${revision}`)
      : refuse(
          "MODEL_NOT_FOUND",
          "not on the hub (check owner, name and revision) and no folder of that name",
        );
  if (status === 429)
    return refuse(
      "DOWNLOAD_FAILED",
      `the hub asks for patience (429): too many requests from this address${retryAfter ? `, try again in ${Math.ceil(retryAfter)} s` : ", try again later"}${token ? "" : " or set HF_TOKEN"}`,
    );
  return refuse("DOWNLOAD_FAILED", `the hub answers ${status}; try again later`);
}
