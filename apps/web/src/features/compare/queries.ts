import { EstimateFields, RunRow } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const CompareQuery = graphql(
  `
  query Compare($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on Run {
        ...RunRow
        receipt { engineVersion semanticsVersion taskHash computeDtype device model { weightHash tokenizerHash dtype } }
        taskReport { factsAdmitted facts { subject known } }
        prediction {
          logProb { ...EstimateFields }
          lens {
            states { label layer point depth }
            answer { medianRank probability { ...EstimateFields } centredLogit { ...EstimateFields } }
            subject { medianRank probability { ...EstimateFields } centredLogit { ...EstimateFields } }
          }
        }
        argumentPassing {
          layers headsPerLayer movers
          heads(orderBy: POSITION) {
            layer head label rank mover
            effect { ...EstimateFields }
            attentionToSubject { ...EstimateFields }
            dlaSubject { ...EstimateFields }
            dlaAnswer { ...EstimateFields }
          }
        }
        finalLayer {
          headPart { ...EstimateFields }
          mlpPart { ...EstimateFields }
          scalePart { ...EstimateFields }
        }
      }
    }
  }
`,
  [RunRow, EstimateFields],
);
type AnyNode = NonNullable<ResultOf<typeof CompareQuery>["nodes"][number]>;
export type ComparedRun = Extract<AnyNode, { __typename: "Run" }>;
