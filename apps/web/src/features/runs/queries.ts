import { RunRow } from "@/graphql/fragments.ts";
import { graphql } from "@/graphql/graphql.ts";

export const RunsQuery = graphql(
  `
  query Runs($first: Int!, $after: String, $filter: RunFilter) {
    runs(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { ...RunRow } }
    }
  }
`,
  [RunRow],
);

/** Names that filters and pickers offer. */
export const ChoicesQuery = graphql(`
  query Choices {
    models(first: 100) { totalCount edges { cursor node { id name source summary { layers heads } error { code message } } } }
    tasks(first: 100) { totalCount edges { cursor node { id slug title factCount runs(first: 1) { totalCount } } } }
  }
`);

export const RunChanged = graphql(
  `
  subscription RunChanged { runChanged { ...RunRow } }
`,
  [RunRow],
);

export const RunProgress = graphql(
  `
  subscription RunProgress($id: ID!) { runProgress(id: $id) { ...RunRow } }
`,
  [RunRow],
);

export const DeleteRun = graphql(`
  mutation DeleteRun($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }
`);

export const CancelRun = graphql(
  `
  mutation CancelRun($id: ID!) { cancelRun(input: { id: $id }) { run { ...RunRow } } }
`,
  [RunRow],
);
