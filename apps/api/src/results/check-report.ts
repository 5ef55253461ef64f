import type { RunReport } from "@recallscope/engine";
import { ApiError } from "../errors.ts";

/**
 * Refuses a report with a number that JSON cannot hold: it would be stored as null, which means "not observed". Arrays are stored as
 * bytes and may hold NaN.
 * @throws ApiError ENGINE_FAILED naming the place
 */
export function checkReport({ arrays: _, ...parts }: RunReport): void {
  const place = findNonFinite(parts, "report");
  if (place !== null)
    throw new ApiError(
      "ENGINE_FAILED",
      `result ${place}: not a finite number (a fault of the engine; please report it)`,
    );
}

function findNonFinite(value: unknown, place: string): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : place;
  if (value === null || typeof value !== "object") return null;
  for (const [key, child] of Object.entries(value)) {
    const found = findNonFinite(child, Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`);
    if (found !== null) return found;
  }
  return null;
}
