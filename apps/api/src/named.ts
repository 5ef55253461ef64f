import { ApiError } from "./errors.ts";
import { isUuid } from "./uuid.ts";

/** What an id or an exact name means, of something whose names are unique. */
export const whereIdOrName = (text: string) => (isUuid(text) ? { id: text } : { name: text });

export const noSuch = (what: string, text: string) =>
  new ApiError("NOT_FOUND", `${what} ${text}: there is none of this id or name (was it deleted or renamed?)`);

/** Writes something under a name that nothing else of its kind has. @throws ApiError NAME_TAKEN */
export async function underName<T>(what: string, name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "P2002") throw error;
    throw nameTaken(what, name);
  }
}

export const nameTaken = (what: string, name: string) =>
  new ApiError(
    "NAME_TAKEN",
    `${what} ${name}: there is one of this name: choose another, or rename that one`,
  );
