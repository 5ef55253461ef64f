import { COMPARISON_AXES, type ComparisonAxis } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { ComparisonRequest } from "../run-comparison/compare-stored-runs.ts";
import { type ExportRequest, exportPath, exportQuery } from "./request.ts";

/** Runs that are named one by one, or those of a saved comparison, by its id or name: then null is its own baseline. */
export type ExportedComparison = ComparisonRequest | (Omit<ComparisonRequest, "ids"> & { saved: string });

/** The address of an export of a comparison, e.g. `/comparisons/tables/metrics.csv?runs=A,B&axis=MODEL`. */
export function comparisonAddress(comparison: ExportedComparison, request: ExportRequest): string {
  const { axis, baseline, force } = comparison;
  const query = new URLSearchParams({
    ...("saved" in comparison ? { saved: comparison.saved } : { runs: comparison.ids.join(",") }),
    ...(axis !== null && { axis }),
    ...(baseline !== null && { baseline }),
    ...(force && { force: "true" }),
  });
  const look = exportQuery(request).replace("?", "&");
  return `/comparisons/${exportPath(request)}?${query}${look}`;
}

/** What the part of such an address after `?` compares. @throws ApiError BAD_USER_INPUT naming what is allowed */
export function parseComparison(query: URLSearchParams): ExportedComparison {
  const axis = query.get("axis");
  if (axis !== null && !isAxis(axis))
    throw new ApiError(
      "BAD_USER_INPUT",
      `axis ${axis}: what the runs are meant to differ in (allowed: ${COMPARISON_AXES.join(", ")}; without it, what they do differ in)`,
    );
  const force = query.get("force") ?? "false";
  if (force !== "true" && force !== "false")
    throw new ApiError("BAD_USER_INPUT", `force ${force}: allowed are true and false`);
  const [runs, saved] = [query.get("runs"), query.get("saved")];
  if (runs !== null && saved !== null)
    throw new ApiError("BAD_USER_INPUT", "runs and saved: what to compare is named by one of them");
  const asked = { axis, baseline: query.get("baseline"), force: force === "true" };
  if (saved !== null) return { saved, ...asked };
  return { ids: (runs ?? "").split(",").flatMap((id) => id.trim() || []), ...asked };
}

const isAxis = (text: string): text is ComparisonAxis =>
  (COMPARISON_AXES as readonly string[]).includes(text);
