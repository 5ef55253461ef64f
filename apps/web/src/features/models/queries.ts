import { ModelSummaryFields, RunRow } from "@/graphql/fragments.ts";
import { graphql } from "@/graphql/graphql.ts";

export const ModelsQuery = graphql(
  `
  query Models {
    models(first: 100) {
      totalCount
      edges {
        cursor
        node { id name source summary { ...ModelSummaryFields } error { code message } runs(first: 1) { totalCount } }
      }
    }
  }
`,
  [ModelSummaryFields],
);

export const ModelQuery = graphql(
  `
  query Model($name: String!, $after: String) {
    model(name: $name) {
      id name source
      summary { ...ModelSummaryFields }
      error { code message }
      runs(first: 50, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { cursor node { ...RunRow } }
      }
    }
  }
`,
  [ModelSummaryFields, RunRow],
);
