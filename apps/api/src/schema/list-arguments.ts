import { ApiError } from "../errors.ts";

/** The first so many of a list, all without a number. @throws ApiError BAD_USER_INPUT below 0 */
export function firstOf<T>(list: readonly T[], first: number | null | undefined): T[] {
  if (first == null) return [...list];
  if (first < 0) throw new ApiError("BAD_USER_INPUT", `first ${first}: allowed are whole numbers from 0`);
  return list.slice(0, first);
}

/** A list by a number of its items, largest first; those without one come last, and equal ones stay as they were. */
export const largestFirst = <T>(list: readonly T[], of: (item: T) => number | null): T[] =>
  list.toSorted((a, b) => rankable(of(b)) - rankable(of(a)) || 0);

// Two items without a number differ by NaN, which the caller takes for 0.
const rankable = (value: number | null): number => value ?? Number.NEGATIVE_INFINITY;

/** Whether an item passes a filter that was not given or asks for what it is. */
export const passes = <T>(wanted: T | null | undefined, is: T): boolean => wanted == null || wanted === is;
