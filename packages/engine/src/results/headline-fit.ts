import type { DecompositionReport, InterceptReport, RunReport } from "./report.ts";

/** Of the two fits of a layer, the one behind headline numbers: all heads up to it (GLOSSARY.md, R1 and R2). */
const REGRESSORS = "R2";

type Headline<Part> = { layer: number; regressors: string } & Part;
const headline = <Part>(report: RunReport, parts: readonly Headline<Part>[]): Headline<Part> | null =>
  parts.find(
    ({ layer, regressors }) => layer === report.mlpActivation.headlineLayer && regressors === REGRESSORS,
  ) ?? null;

/** The decomposition of the headline layer's MLP, or null where no layer is the headline or it was not decomposed. */
export const headlineFit = (report: RunReport): DecompositionReport | null =>
  headline(report, report.mlpActivation.decompositions);

/** The intercept of that fit, read in the vocabulary; null as above. */
export const headlineIntercept = (report: RunReport): InterceptReport | null =>
  headline(report, report.functionApplication.intercepts);
