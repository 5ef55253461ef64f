/**
 * GraphQL that gives the numbers of one figure and no others, with nothing left to fill in: what "Copy GraphQL" and "Copy cURL" put on the
 * clipboard. `run` is the run's id, which names these very numbers.
 */
const ESTIMATE = "{ value low high n reason }";

const ofRun = (run: string, fields: string): string => `{
  run(id: ${JSON.stringify(run)}) {
    key
    ${fields.trim().replaceAll("\n", "\n    ")}
  }
}`;

type LensMeasure = "probability" | "centredLogit" | "medianRank";
export const lensQuery = (run: string, measure: LensMeasure): string => {
  const numbers = measure === "medianRank" ? measure : `${measure} ${ESTIMATE}`;
  return ofRun(
    run,
    `
prediction {
  lens {
    states { label layer point depth }
    subject { ${numbers} }
    answer { ${numbers} }
  }
}`,
  );
};

/** One prompt's lens: one value per state. */
export const promptLensQuery = (run: string, prompt: number, measure: "probability" | "rank"): string =>
  ofRun(
    run,
    `
promptNumbers(index: ${prompt}) {
  prompt { text }
  lens { states subject { ${measure} } answer { ${measure} } }
}`,
  );

/** One prompt's heads, layer by layer. */
export const promptHeadsQuery = (run: string, prompt: number, metric: string): string =>
  ofRun(
    run,
    `
promptNumbers(index: ${prompt}) {
  prompt { text }
  heads { layers headsPerLayer ${metric} reason }
}`,
  );

/**
 * @param which the arguments that choose components, such as `kind: MLP`
 * @param numbers which of a component's numbers
 */
export const attributionQuery = (
  run: string,
  which: string,
  numbers: readonly ("answer" | "centred")[],
): string =>
  ofRun(
    run,
    `
prediction {
  directLogitAttribution {
    metric
    completenessError
    components(${which}) { label kind layer head ${numbers.map((name) => `${name} ${ESTIMATE}`).join(" ")} }
  }
}`,
  );

export const headMapQuery = (run: string, metric: string): string =>
  ofRun(
    run,
    `
argumentPassing {
  layers
  headsPerLayer
  movers
  heads(orderBy: POSITION) { label layer head ${metric} ${ESTIMATE} }
}`,
  );

export const weightsQuery = (run: string, regressors: string, layer: number): string =>
  ofRun(
    run,
    `
mlpActivation {
  decompositions(regressors: ${regressors}, layer: ${layer}) {
    layer
    regressors
    weights { label layer head weight low high standardError identifiable verdict }
  }
}`,
  );

export const r2Query = (run: string, regressors: string): string =>
  ofRun(
    run,
    `
mlpActivation {
  headlineLayer
  decompositions(regressors: ${regressors}) {
    layer r2Within r2HeldOut r2HeldOutSd folds r2HeldOutReason r2Uncentred r2Mean reason
  }
}`,
  );

export const interceptTokensQuery = (run: string, regressors: string, layer: number): string =>
  ofRun(
    run,
    `
functionApplication {
  intercepts(regressors: ${regressors}, layer: ${layer}) {
    layer
    top { token text value candidate }
    bottom { token text value candidate }
  }
}`,
  );

export const typeGainQuery = (run: string, regressors: string): string =>
  ofRun(
    run,
    `
functionApplication {
  intercepts(regressors: ${regressors}) {
    layer
    typeGain ${ESTIMATE}
    typeGainOfMean ${ESTIMATE}
    cosineWithMean candidatesInTop pValue
  }
}`,
  );

export const splitQuery = (run: string): string =>
  ofRun(
    run,
    `
finalLayer {
  layer
  headPart ${ESTIMATE}
  mlpPart ${ESTIMATE}
  scalePart ${ESTIMATE}
  logProbChange ${ESTIMATE}
}`,
  );

export const finalHeadsQuery = (run: string): string =>
  ofRun(
    run,
    `
finalLayer {
  layer
  heads { label suppressor dlaAnswer ${ESTIMATE} dlaCandidates ${ESTIMATE} }
  mlpDla ${ESTIMATE}
}`,
  );

export const sweepQuery = (run: string, measure: string): string =>
  ofRun(
    run,
    `
finalLayer {
  sweeps {
    target
    points { alpha ${measure} ${ESTIMATE} }
  }
}`,
  );

export const gainQuery = (run: string): string =>
  ofRun(
    run,
    `
finalLayer {
  sweeps { target bestAlpha testLogProbGain ${ESTIMATE} testRankChange ${ESTIMATE} }
  temperature { best testLogProbGain ${ESTIMATE} }
}`,
  );

/** @param pages what each page of the list begins after; null is the list's beginning */
export const promptsQuery = (
  run: string,
  pages: readonly (string | null)[],
  pageSize: number,
  known: boolean | null,
): string =>
  ofRun(
    run,
    pages
      .map((after, at) => {
        const page = [
          `first: ${pageSize}`,
          ...(after === null ? [] : [`after: ${JSON.stringify(after)}`]),
          ...(known === null ? [] : [`known: ${known}`]),
        ];
        return `${pages.length > 1 ? `page${at + 1}: ` : ""}prompts(${page.join(", ")}) {
  totalCount
  edges { node { index text subject answer frame probability rank candidateRank known } }
}`;
      })
      .join("\n"),
  );

export const furtherQuery = (run: string, analysis: string, figure: string): string =>
  ofRun(
    run,
    `
further(analysis: ${JSON.stringify(analysis)}) {
  figures(id: ${JSON.stringify(figure)}) {
    title unit
    ... on HeadsFigure { layers headsPerLayer marked cells ${ESTIMATE} }
    ... on LinesFigure { axis ticks series { label points ${ESTIMATE} } }
    ... on ReliabilityFigure {
      curves { label bins { low high prompts confidence ${ESTIMATE} right ${ESTIMATE} } }
    }
    ... on BarsFigure { bars { label estimate ${ESTIMATE} } }
    ... on NotesFigure { notes { label value } }
  }
}`,
  );
