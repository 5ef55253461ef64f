import type { FurtherAnalysis } from "../analyses/further.ts";
import { FURTHER_ANALYSES, type FurtherId } from "../analyses/index.ts";
import type { Figure } from "../results/figure.ts";
import type { FurtherReports } from "../results/further.ts";
import type { ModelShape } from "./figure-parts.ts";

/** Pictures of a further analysis's report, the most telling first. */
export function figuresOf<Id extends FurtherId>(
  id: Id,
  report: FurtherReports[Id],
  model: ModelShape,
): Figure[] {
  const analysis = FURTHER_ANALYSES[id] as unknown as FurtherAnalysis<FurtherReports[Id]>;
  return analysis.figures(report, model);
}
