import { COMPARISON_AXES, type ComparisonAxis } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { ComparisonRequest } from "../run-comparison/compare-stored-runs.ts";
import { type ExportRequest, exportPath, exportQuery } from "./request.ts";

/** The address of an export of a comparison, e.g. `/comparisons/tables/metrics.csv?runs=A,B&axis=MODEL`. */
export function comparisonAddress(
  { ids, axis, baseline, force }: ComparisonRequest,
  request: ExportRequest,
): string {
  const query = new URLSearchParams({
    runs: ids.join(","),
    axis,
    ...(baseline !== null && { baseline }),
    ...(force && { force: "true" }),
  });
  const look = exportQuery(request).replace("?", "&");
  return `/comparisons/${exportPath(request)}?${query}${look}`;
}

/** What the part of such an address after `?` compares. @throws ApiError BAD_USER_INPUT naming what is allowed */
export function parseComparison(query: URLSearchParams): ComparisonRequest {
  const axis = query.get("axis") ?? "";
  if (!isAxis(axis))
    throw new ApiError(
      "BAD_USER_INPUT",
      `axis ${axis || "(none)"}: what the runs are meant to differ in (allowed: ${COMPARISON_AXES.join(", ")})`,
    );
  const force = query.get("force") ?? "false";
  if (force !== "true" && force !== "false")
    throw new ApiError("BAD_USER_INPUT", `force ${force}: allowed are true and false`);
  return {
    ids: (query.get("runs") ?? "").split(",").flatMap((id) => id.trim() || []),
    axis,
    baseline: query.get("baseline"),
    force: force === "true",
  };
}

const isAxis = (text: string): text is ComparisonAxis =>
  (COMPARISON_AXES as readonly string[]).includes(text);
