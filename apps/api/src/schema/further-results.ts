import {
  type Figure,
  FURTHER_ANALYSES,
  type FurtherId,
  figuresOf,
  type RunReport,
} from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { builder } from "./builder.ts";
import { FigureExports } from "./exports.ts";
import { FigureType } from "./figure.ts";
import { FurtherAnalysis, type ListedAnalysis } from "./further-analyses.ts";
import { passes } from "./list-arguments.ts";

interface Result {
  runId: string;
  analysis: ListedAnalysis;
  figures: readonly Figure[];
  report: unknown;
}

export const FurtherResult = builder.objectRef<Result>("FurtherResult").implement({
  description: "What one further analysis found.",
  fields: (t) => ({
    analysis: t.expose("analysis", { type: FurtherAnalysis, description: "The analysis." }),
    figures: t.field({
      type: [FigureType],
      description: "Its pictures as data, the most telling first.",
      args: { id: t.arg.string({ description: "Only that of this id." }) },
      resolve: ({ figures }, { id }) => figures.filter((figure) => passes(id, figure.id)),
    }),
    exports: t.field({
      type: [FigureExports],
      description: "Where each of its figures is as a file, in the same order.",
      resolve: ({ runId, analysis, figures }) =>
        figures.map(({ id }) => ({ runId, analysis: analysis.id, figure: id })),
    }),
    report: t.expose("report", {
      type: "JSON",
      description:
        "All its numbers as the engine made them; the types stand in `packages/engine/src/results`.",
    }),
  }),
});

export function furtherResults(
  runId: string,
  row: { further: unknown; argumentPassing: unknown } | null,
  only: { mechanism: string | null; analysis: string | null },
): Result[] {
  if (!row?.further) return [];
  const reports = fromJson<NonNullable<RunReport["further"]>>(row.further);
  const model = fromJson<RunReport["argumentPassing"]>(row.argumentPassing);
  return (Object.keys(FURTHER_ANALYSES) as FurtherId[])
    .filter((id) => passes(only.mechanism, FURTHER_ANALYSES[id].mechanism) && passes(only.analysis, id))
    .flatMap((id) => {
      const report = reports[id];
      if (!report) return [];
      return [
        { runId, analysis: FURTHER_ANALYSES[id], figures: figuresOf(id, report as never, model), report },
      ];
    });
}
