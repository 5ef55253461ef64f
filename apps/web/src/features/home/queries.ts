import { EstimateFields, RunRow } from "@/graphql/fragments.ts";
import { graphql } from "@/graphql/graphql.ts";

/** The comparison that was saved last, with the runs it is of. */
export const NewestComparisonQuery = graphql(
  `
  query NewestComparison {
    comparisons(first: 1, orderBy: { by: UPDATED, direction: DESC }) {
      edges {
        cursor
        node {
          id name note state updatedAt baselineIndex
          runs { key model task run { ...RunRow receipt { engineVersion semanticsVersion startedAt model { weightHash } } } }
        }
      }
    }
  }
`,
  [RunRow],
);

export const StrongestHeadsQuery = graphql(
  `
  query StrongestHeads($id: ID!) {
    run(id: $id) {
      id
      receipt { engineVersion semanticsVersion startedAt model { weightHash } }
      argumentPassing { layers headsPerLayer heads(orderBy: EFFECT, first: 8) { label mover effect { ...EstimateFields } } }
    }
  }
`,
  [EstimateFields],
);
