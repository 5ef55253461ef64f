import { graphql, type ResultOf } from "@/graphql/graphql.ts";

const SavedFields = graphql(`
  fragment SavedFields on Comparison {
    id name note state baselineIndex missingRuns createdAt updatedAt createdBy
    runs { key model task run { id } }
  }
`);

export const SavedComparisonsQuery = graphql(
  `
  query SavedComparisons($first: Int!, $after: String, $filter: ComparisonFilter) {
    comparisons(first: $first, after: $after, filter: $filter, orderBy: { by: UPDATED, direction: DESC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { ...SavedFields } }
    }
  }
`,
  [SavedFields],
);

export const SavedComparisonQuery = graphql(
  `
  query SavedComparison($id: ID!) { comparison(id: $id) { ...SavedFields } }
`,
  [SavedFields],
);
export type SavedComparison = NonNullable<ResultOf<typeof SavedComparisonQuery>["comparison"]>;

/** For lists and for the page that shows one: what was renamed or saved anew lands in the cache. */
export const ComparisonChanged = graphql(
  `
  subscription ComparisonChanged { comparisonChanged { ...SavedFields } }
`,
  [SavedFields],
);

export const CreateComparison = graphql(
  `
  mutation CreateComparison($input: CreateComparisonInput!) {
    createComparison(input: $input) { comparison { ...SavedFields } }
  }
`,
  [SavedFields],
);

export const UpdateComparison = graphql(
  `
  mutation UpdateComparison($input: UpdateComparisonInput!) {
    updateComparison(input: $input) { comparison { ...SavedFields } }
  }
`,
  [SavedFields],
);

export const DeleteComparison = graphql(`
  mutation DeleteComparison($input: DeleteComparisonInput!) { deleteComparison(input: $input) { deletedId } }
`);
