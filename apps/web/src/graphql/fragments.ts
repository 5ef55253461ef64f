import { type FragmentOf, graphql } from "./graphql.ts";

export const EstimateFields = graphql(`
  fragment EstimateFields on Estimate { value low high n reason }
`);
/** A number with its 95 % interval; a null value means "not observed" and `reason` says why. */
export type Estimate = Omit<FragmentOf<typeof EstimateFields>, "__typename"> & {
  /** Index of the prompt that the value is of alone: it has no interval then. */
  prompt?: number;
};

export const ProgressFields = graphql(`
  fragment ProgressFields on RunProgress { step stepTitle stepIndex stepCount done total fraction message }
`);

export const SettingsFields = graphql(`
  fragment SettingsFields on RunSettings { shots seed knownFilter leadIns bootstrapSamples analyses sweepPrompts sweepMode precision }
`);
export type Settings = FragmentOf<typeof SettingsFields>;

export const SummaryFields = graphql(
  `
  fragment SummaryFields on RunSummary {
    factsKnown factsTotal sufficient medianRank topMover moverCount headlineLayer r2HeldOut suppression
    top1 { ...EstimateFields }
    candidateTop1 { ...EstimateFields }
    probability { ...EstimateFields }
    topMoverEffect { ...EstimateFields }
    finalLayerChange { ...EstimateFields }
  }
`,
  [EstimateFields],
);
export type RunSummary = FragmentOf<typeof SummaryFields>;

/** What a row of a run list shows; small enough for the live subscription too. */
export const RunRow = graphql(
  `
  fragment RunRow on Run {
    id key status device createdAt startedAt finishedAt tags note
    model { id name summary { layers heads } }
    task { id slug title relation }
    settings { ...SettingsFields }
    progress { ...ProgressFields }
    error { code message }
    summary { ...SummaryFields }
  }
`,
  [SettingsFields, ProgressFields, SummaryFields],
);
export type RunRowData = FragmentOf<typeof RunRow>;
export type RunStatus = RunRowData["status"];

export const ModelSummaryFields = graphql(`
  fragment ModelSummaryFields on ModelSummary {
    architecture layers heads kvHeads width headWidth mlpWidth vocabulary positions dtype parameters tied
    weightHash tokenizerHash hubCommit bosPrepended
    blocks postNorm logitCap
    selfCheck { residualSum headSum patternValue lensLogits device deviceError deviceReason computeDtype passed }
  }
`);
export type ModelSummary = FragmentOf<typeof ModelSummaryFields>;
