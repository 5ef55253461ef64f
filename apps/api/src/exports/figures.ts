import {
  type Figure,
  FURTHER_ANALYSES,
  type FurtherId,
  figuresOf,
  type RunReport,
} from "@recallscope/engine";

export interface FoundFigure {
  analysis: FurtherId;
  figure: Figure;
}

/** All figures of a run's further analyses, in the order in which they are shown. */
export const figuresOfRun = ({ further, argumentPassing }: Pick<RunReport, "further" | "argumentPassing">) =>
  (Object.keys(FURTHER_ANALYSES) as FurtherId[]).flatMap((analysis): FoundFigure[] => {
    const report = further?.[analysis];
    if (!report) return [];
    return figuresOf(analysis, report as never, argumentPassing).map((figure) => ({ analysis, figure }));
  });
