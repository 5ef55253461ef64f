import { RunRow } from "@/graphql/fragments.ts";
import { type FragmentOf, graphql } from "@/graphql/graphql.ts";

export const ShardFields = graphql(`
  fragment ShardFields on RunShard { index kind status factsFrom factsTo analysis worker attempts fraction seconds }
`);
export type Shard = FragmentOf<typeof ShardFields>;

export const RunsQuery = graphql(
  `
  query Runs($first: Int, $after: String, $last: Int, $before: String, $filter: RunFilter, $orderBy: RunOrder) {
    runs(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
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
    tasks(first: 100) { totalCount edges { cursor node { id slug title domain origin factCount runs(first: 1) { totalCount } } } }
  }
`);

/** Words and studies that lists of runs are filtered by, those with the most runs or the newest first. */
export const LabelsQuery = graphql(`
  query RunLabels {
    tags(first: 100, orderBy: { by: RUN_COUNT, direction: DESC }) { totalCount edges { cursor node { name runCount } } }
    studies(first: 100) { totalCount edges { cursor node { id name } } }
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
  subscription RunProgress($id: ID!) { runProgress(id: $id) { ...RunRow shards { ...ShardFields } } }
`,
  [RunRow, ShardFields],
);

export const DeleteRun = graphql(`
  mutation DeleteRun($id: ID!) {
    deleteRun(input: { id: $id }) { deletedId studies { id name } comparisons { id name } }
  }
`);

export const CancelRun = graphql(
  `
  mutation CancelRun($id: ID!) { cancelRun(input: { id: $id }) { run { ...RunRow } } }
`,
  [RunRow],
);

export const TagRuns = graphql(`
  mutation TagRuns($runs: [ID!]!, $add: [String!], $remove: [String!]) {
    tagRuns(input: { runs: $runs, add: $add, remove: $remove }) { runs { id tags } }
  }
`);

export const NoteRuns = graphql(`
  mutation NoteRuns($runs: [ID!]!, $note: String) {
    noteRuns(input: { runs: $runs, note: $note }) { runs { id note } }
  }
`);

/** Where finished runs are as files. */
export const RunFilesQuery = graphql(`
  query RunFiles($ids: [ID!]!) {
    nodes(ids: $ids) { ... on Run { id key exports { report arrays latex bundle } } }
  }
`);
