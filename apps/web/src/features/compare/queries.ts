import { EstimateFields, RunRow, SettingsFields } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

/** The chosen runs in any state: enough to name them and to follow those that are not finished. */
export const ChosenRunsQuery = graphql(
  `
  query ChosenRuns($names: [String!]!) {
    namedRuns(names: $names) { given problem run { ...RunRow } }
  }
`,
  [RunRow],
);

/** Everything that is read off the runs themselves; what pairs them comes by `PairingQuery`. */
export const ComparisonQuery = graphql(
  `
  query Comparison($ids: [ID!]!, $axis: ComparisonAxis, $baseline: ID, $force: Boolean!) {
    compareRuns(ids: $ids, axis: $axis, baseline: $baseline, force: $force) {
      axis forced
      differences { name values why prevents }
      exports { latex tables { name csv json parquet latex } }
      keyNumbers { name title help unit metric cells { value text apart estimate { ...EstimateFields } } }
      overlaps { a b overlap { k headsA headsB common jaccard chance pValue spearman reason } }
      runs {
        place isBaseline
        run {
          id key
          model { id name }
          task { id slug title }
          settings { ...SettingsFields }
          summary { factsKnown factsTotal sufficient }
          receipt {
            modelName taskSlug taskHash engineVersion semanticsVersion computeDtype device command startedAt seconds
            model { weightHash tokenizerHash dtype }
          }
          prediction {
            lens {
              states { label layer point depth }
              answer { probability { ...EstimateFields } centredLogit { ...EstimateFields } }
              subject { probability { ...EstimateFields } centredLogit { ...EstimateFields } }
            }
            directLogitAttribution { metric components(kind: MLP) { label layer centred { ...EstimateFields } } }
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
        }
        mechanism {
          sufficient
          verdicts { step quantity unit expected pValue verdict why absentWithin estimate { ...EstimateFields } }
        }
        depth {
          layers reason
          curve { layer depth share cumulative }
          centreOfMass { ...EstimateFields }
        }
        concentration { heads effectiveHeads effectiveShare top1Share headsTo50 headsTo80 reason }
      }
    }
  }
`,
  [EstimateFields, SettingsFields],
);
export type Comparison = ResultOf<typeof ComparisonQuery>["compareRuns"];
export type RunInComparison = Comparison["runs"][number];
export type ComparedRun = RunInComparison["run"];
export type Verdict = RunInComparison["mechanism"]["verdicts"][number];
export type Overlap = Comparison["overlaps"][number];

/** Each run against the baseline, on what both have. */
export const PairingQuery = graphql(
  `
  query Pairing($ids: [ID!]!, $axis: ComparisonAxis, $baseline: ID, $force: Boolean!) {
    compareRuns(ids: $ids, axis: $axis, baseline: $baseline, force: $force) {
      axis
      runs {
        place
        run { id }
        toBaseline {
          sameModel sameTask sharedFacts sharedPrompts depthDistance
          onlyBaseline { subject }
          onlyRun { subject }
          metrics { metric unit pValue correlation delta { ...EstimateFields } sharedBaseline { ...EstimateFields } sharedRun { ...EstimateFields } }
          centreOfMassDelta { ...EstimateFields }
        }
      }
    }
  }
`,
  [EstimateFields],
);
export type Pairing = ResultOf<typeof PairingQuery>["compareRuns"];
export type Paired = NonNullable<Pairing["runs"][number]["toBaseline"]>;

/** Heads of the baseline and of one other run, matched by what they do; asked for one pair at a time, as it takes the server a while. */
export const MatchingQuery = graphql(`
  query Matching($ids: [ID!]!, $axis: ComparisonAxis, $baseline: ID, $force: Boolean!) {
    compareRuns(ids: $ids, axis: $axis, baseline: $baseline, force: $force) {
      runs {
        place
        toBaseline {
          matching {
            features cost randomCost pValue permutations reason
            excludedFromBaseline excludedFromRun
            shuffledCost { mean low high }
            pairs { baseline run distance }
          }
        }
      }
    }
  }
`);
export type Matching = NonNullable<
  ResultOf<typeof MatchingQuery>["compareRuns"]["runs"][number]["toBaseline"]
>["matching"];
