import { formatDocument, stringifyDocument } from "@urql/core";
import { ComparisonQuery } from "@/features/compare/queries.ts";
import { RunProgress, RunsQuery } from "@/features/runs/queries.ts";

/** The dashboard's own documents, as its client sends them: with `__typename` in every selection, for its cache. */
export const documents = {
  runs: stringifyDocument(formatDocument(RunsQuery)),
  compare: stringifyDocument(formatDocument(ComparisonQuery)),
  runProgress: stringifyDocument(formatDocument(RunProgress)),
};
