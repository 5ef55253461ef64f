import { formatDocument, stringifyDocument } from "@urql/core";
import { ComparisonQuery } from "@/features/compare/queries.ts";
import { RunProgress, RunsQuery } from "@/features/runs/queries.ts";

const runs = stringifyDocument(formatDocument(RunsQuery));

/** The dashboard's own documents, as its client sends them: with `__typename` in every selection, for its cache. */
export const documents = {
  runs,
  /** The same in another order, for which the dashboard has no choice yet. */
  orderedRuns: runs
    .replace("$filter: RunFilter", "$filter: RunFilter, $orderBy: RunOrder")
    .replace("filter: $filter", "filter: $filter, orderBy: $orderBy"),
  compare: stringifyDocument(formatDocument(ComparisonQuery)),
  runProgress: stringifyDocument(formatDocument(RunProgress)),
};
