import { ShardFields } from "@/features/runs/queries.ts";
import { EstimateFields, ModelSummaryFields, RunRow, SettingsFields } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const RunFilesQuery = graphql(`
  query RunTables($id: ID!) {
    run(id: $id) {
      id
      exports { report arrays bundle latex tables { name csv json parquet latex } }
      further { analysis { id title } exports { figure csv json parquet latex } figures { id title } }
    }
  }
`);
export type RunFiles = NonNullable<ResultOf<typeof RunFilesQuery>["run"]>;

/** Parts of a run while it is under way. */
export const RunShardsQuery = graphql(
  `
  query RunShards($id: ID!) {
    run(id: $id) { id waitsFor settings { analyses } shards { ...ShardFields } }
    furtherAnalyses { id title }
  }
`,
  [ShardFields],
);

/** What the facts in finished parts of an unfinished run come to. */
export const RunSoFarQuery = graphql(
  `
  query RunSoFar($id: ID!) {
    run(id: $id) {
      id
      soFar {
        factsMeasured factsAdmitted factsKnown
        top1 { ...EstimateFields }
        probability { ...EstimateFields }
        heads(first: 8) { label effect { ...EstimateFields } }
      }
    }
  }
`,
  [EstimateFields],
);
export type RunSoFar = NonNullable<NonNullable<ResultOf<typeof RunSoFarQuery>["run"]>["soFar"]>;

export const RepeatQuery = graphql(
  `
  query RunRepeat($id: ID!) {
    run(id: $id) {
      id
      receipt {
        command modelName taskSlug taskHash engineVersion semanticsVersion onnxruntime node platform device computeDtype
        model { weightHash tokenizerHash }
        settings { ...SettingsFields }
      }
    }
  }
`,
  [SettingsFields],
);
export type RepeatReceipt = NonNullable<NonNullable<ResultOf<typeof RepeatQuery>["run"]>["receipt"]>;

/** What is stored of one prompt alone. */
export const PromptNumbersQuery = graphql(`
  query RunPrompt($id: ID!, $index: Int!) {
    run(id: $id) {
      id
      promptNumbers(index: $index) {
        prompt {
          index subject answer frame text tokenTexts subjectStart subjectEnd known rank candidateRank probability logProb
        }
        lens { states subject { rank probability } answer { rank probability } }
        heads {
          layers headsPerLayer clean corrupted noising denoising effect reason attentionToSubject
        }
      }
    }
  }
`);
export type PromptNumbers = NonNullable<
  NonNullable<ResultOf<typeof PromptNumbersQuery>["run"]>["promptNumbers"]
>;

/** What the head of the page needs; each tab asks for its own numbers. */
export const RunHeaderQuery = graphql(
  `
  query RunHeader($id: ID!) {
    run(id: $id) {
      ...RunRow
      warnings createdBy promptCount
      exports { report arrays bundle latex }
      studies { id name }
      receipt {
        engineVersion semanticsVersion startedAt seconds
        model { weightHash selfCheck { residualSum headSum patternValue lensLogits device computeDtype passed } }
      }
      prediction { directLogitAttribution { completenessError } }
      functionApplication {
        intercepts(regressors: R2) { layer typeGain { ...EstimateFields } typeGainOfMean { ...EstimateFields } }
      }
      argumentPassing { layers headsPerLayer movers }
    }
  }
`,
  [RunRow, EstimateFields],
);
export type RunHeaderData = NonNullable<ResultOf<typeof RunHeaderQuery>["run"]>;

export const PredictionQuery = graphql(
  `
  query RunPrediction($id: ID!) {
    run(id: $id) {
      id
      prediction {
        chance medianRank
        top1 { ...EstimateFields }
        candidateTop1 { ...EstimateFields }
        probability { ...EstimateFields }
        logProb { ...EstimateFields }
        lens {
          states { label layer point depth }
          answer {
            medianRank
            centredLogit { ...EstimateFields }
            probability { ...EstimateFields }
          }
          subject {
            medianRank
            centredLogit { ...EstimateFields }
            probability { ...EstimateFields }
          }
        }
        directLogitAttribution {
          metric completenessError
          components {
            label kind layer head
            answer { ...EstimateFields }
            centred { ...EstimateFields }
          }
        }
      }
    }
  }
`,
  [EstimateFields],
);
export type Prediction = NonNullable<NonNullable<ResultOf<typeof PredictionQuery>["run"]>["prediction"]>;

export const ArgumentPassingQuery = graphql(
  `
  query RunArgumentPassing($id: ID!) {
    run(id: $id) {
      id
      argumentPassing {
        corruption metric position layers headsPerLayer pairs movers
        cleanMetric { ...EstimateFields }
        corruptedMetric { ...EstimateFields }
        excludedPairs { prompt reason }
        heads(orderBy: POSITION) {
          layer head label rank rankLow rankHigh pValue qValue mover
          attentionToSubject { ...EstimateFields }
          valueWeightedShare { ...EstimateFields }
          dlaSubject { ...EstimateFields }
          dlaAnswer { ...EstimateFields }
          noising { ...EstimateFields }
          denoising { ...EstimateFields }
          effect { ...EstimateFields }
        }
      }
    }
  }
`,
  [EstimateFields],
);
export type ArgumentPassing = NonNullable<
  NonNullable<ResultOf<typeof ArgumentPassingQuery>["run"]>["argumentPassing"]
>;
export type Head = ArgumentPassing["heads"][number];

export const R2ByLayerQuery = graphql(`
  query RunDecompositions($id: ID!, $regressors: Regressors!) {
    run(id: $id) {
      id
      argumentPassing { layers headsPerLayer movers }
      mlpActivation {
        headlineLayer
        decompositions(regressors: $regressors) {
          layer regressors r2Within r2HeldOut r2HeldOutSd folds r2HeldOutReason r2Mean r2Uncentred reason
        }
      }
    }
  }
`);
export type LayerFit = NonNullable<
  NonNullable<ResultOf<typeof R2ByLayerQuery>["run"]>["mlpActivation"]
>["decompositions"][number];

export const DecompositionQuery = graphql(`
  query RunDecomposition($id: ID!, $regressors: Regressors!, $layer: Int!) {
    run(id: $id) {
      id
      mlpActivation {
        decompositions(regressors: $regressors, layer: $layer) {
          layer regressors pooling centred lambda rank condition r2Within r2HeldOut r2HeldOutSd interceptNorm reason
          weights { layer head label weight low high standardError identifiable verdict }
        }
      }
    }
  }
`);
export type Decomposition = NonNullable<
  NonNullable<ResultOf<typeof DecompositionQuery>["run"]>["mlpActivation"]
>["decompositions"][number];
export type HeadWeight = Decomposition["weights"][number];

export const InterceptsQuery = graphql(
  `
  query RunIntercepts($id: ID!, $regressors: Regressors!) {
    run(id: $id) {
      id
      mlpActivation { headlineLayer }
      functionApplication {
        intercepts(regressors: $regressors) {
          layer regressors candidatesInTop pValue cosineWithMean
          top { token text value candidate }
          bottom { token text value candidate }
          typeGain { ...EstimateFields }
          typeGainOfMean { ...EstimateFields }
        }
      }
    }
  }
`,
  [EstimateFields],
);
export type Intercept = NonNullable<
  NonNullable<ResultOf<typeof InterceptsQuery>["run"]>["functionApplication"]
>["intercepts"][number];

export const FinalLayerQuery = graphql(
  `
  query RunFinalLayer($id: ID!) {
    run(id: $id) {
      id
      finalLayer {
        layer suppression
        logProbChange { ...EstimateFields }
        rankChange { ...EstimateFields }
        entropyChange { ...EstimateFields }
        headPart { ...EstimateFields }
        mlpPart { ...EstimateFields }
        scalePart { ...EstimateFields }
        mlpDla { ...EstimateFields }
        heads {
          head label suppressor
          dlaAnswer { ...EstimateFields }
          dlaCandidates { ...EstimateFields }
        }
        sweeps {
          target bestAlpha
          testLogProbGain { ...EstimateFields }
          testRankChange { ...EstimateFields }
          points {
            alpha
            probability { ...EstimateFields }
            logProb { ...EstimateFields }
            meanRank { ...EstimateFields }
            top1 { ...EstimateFields }
            candidateTop1 { ...EstimateFields }
          }
        }
        temperature { best testLogProbGain { ...EstimateFields } }
      }
    }
  }
`,
  [EstimateFields],
);
export type FinalLayer = NonNullable<NonNullable<ResultOf<typeof FinalLayerQuery>["run"]>["finalLayer"]>;

export const FurtherQuery = graphql(
  `
  query RunFurther($id: ID!, $mechanism: String!) {
    run(id: $id) {
      id
      settings { analyses }
      further(mechanism: $mechanism) {
        analysis { id title summary }
        figures {
          __typename id title unit unitText meaning formula source
          ... on HeadsFigure { layers headsPerLayer marked cells { ...EstimateFields } }
          ... on LinesFigure { axis ticks series { label points { ...EstimateFields } } }
          ... on ReliabilityFigure {
            curves { label bins { low high prompts confidence { ...EstimateFields } right { ...EstimateFields } } }
          }
          ... on BarsFigure { bars { label estimate { ...EstimateFields } } }
          ... on NotesFigure { notes { label value } }
        }
      }
    }
  }
`,
  [EstimateFields],
);
export type FurtherResult = NonNullable<ResultOf<typeof FurtherQuery>["run"]>["further"][number];
export type FurtherFigureData = FurtherResult["figures"][number];

export const PromptsQuery = graphql(`
  query RunPrompts($id: ID!, $first: Int!, $after: String, $known: Boolean) {
    run(id: $id) {
      id
      prompts(first: $first, after: $after, known: $known) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges {
          cursor
          node {
            index fact subject answer frame text tokenTexts subjectStart subjectEnd known rank candidateRank
            probability logProb centredLogit fullAnswerTop1
            topTokens { token text probability }
          }
        }
      }
    }
  }
`);
export type Prompt = NonNullable<
  NonNullable<NonNullable<ResultOf<typeof PromptsQuery>["run"]>["prompts"]>["edges"][number]
>["node"];

export const DetailsQuery = graphql(
  `
  query RunDetails($id: ID!) {
    run(id: $id) {
      id key warnings
      model { id name }
      task { id slug title }
      receipt {
        engineVersion semanticsVersion modelName taskSlug taskHash device computeDtype seconds startedAt node
        onnxruntime platform command
        model { ...ModelSummaryFields }
        settings { shots seed knownFilter leadIns bootstrapSamples analyses sweepPrompts sweepMode precision }
      }
      taskReport {
        factsTotal factsAdmitted factsKnown sufficient
        dropped { subject answer reason }
        facts { index subject answer multiToken knownShare known donor }
        candidates { token text answers }
      }
      argumentPassing { pairs excludedPairs { prompt reason } }
      arrays { name unit shape }
    }
  }
`,
  [ModelSummaryFields],
);
export type RunDetails = NonNullable<ResultOf<typeof DetailsQuery>["run"]>;
