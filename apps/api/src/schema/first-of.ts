import { ApiError } from "../errors.ts";

/** The first so many of a list, all without a number. @throws ApiError BAD_USER_INPUT below 0 */
export function firstOf<T>(list: readonly T[], first: number | null | undefined): T[] {
  if (first == null) return [...list];
  if (first < 0) throw new ApiError("BAD_USER_INPUT", `first ${first}: allowed are whole numbers from 0`);
  return list.slice(0, first);
}
