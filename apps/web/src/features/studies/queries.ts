import { RunRow, SettingsFields } from "@/graphql/fragments.ts";
import { type FragmentOf, graphql, type ResultOf } from "@/graphql/graphql.ts";

export const StudyProgressFields = graphql(`
  fragment StudyProgressFields on StudyProgress { total missing queued running succeeded failed cancelled fraction }
`);
export type StudyCounts = FragmentOf<typeof StudyProgressFields>;

export const StudiesQuery = graphql(
  `
  query Studies($first: Int!, $after: String, $filter: StudyFilter, $orderBy: StudyOrder) {
    studies(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        cursor
        node {
          id name note createdAt createdBy
          models { id name }
          tasks { id title }
          settings { shots }
          progress { ...StudyProgressFields }
        }
      }
    }
  }
`,
  [StudyProgressFields],
);
export type StudyRow = NonNullable<ResultOf<typeof StudiesQuery>["studies"]["edges"][number]>["node"];

/** A study has at most so many cells, so that one page holds them all. */
const WHOLE_STUDY = graphql(
  `
  fragment WholeStudy on Study {
    id name note createdAt createdBy
    models { id name }
    tasks { id slug title domain }
    settings { ...SettingsFields }
    progress { ...StudyProgressFields }
    cells(first: 500) {
      edges { cursor node { modelIndex taskIndex settingsIndex run { ...RunRow } } }
    }
  }
`,
  [SettingsFields, StudyProgressFields, RunRow],
);
export type Study = FragmentOf<typeof WHOLE_STUDY>;

export const StudyQuery = graphql(
  `
  query Study($id: ID!) { study(id: $id) { ...WholeStudy } }
`,
  [WHOLE_STUDY],
);

export const StudyChanges = graphql(
  `
  subscription StudyChanges($id: ID!) { studyProgress(id: $id) { ...WholeStudy } }
`,
  [WHOLE_STUDY],
);

/** For lists: what was renamed lands in the cache, what is new makes them be asked for again. */
export const StudyChanged = graphql(`
  subscription StudyChanged { studyChanged { id name note } }
`);

export const RetryStudy = graphql(
  `
  mutation RetryStudy($id: ID!) { retryStudy(input: { id: $id }) { queued found study { ...WholeStudy } } }
`,
  [WHOLE_STUDY],
);

export const ExtendStudy = graphql(
  `
  mutation ExtendStudy($input: ExtendStudyInput!) { extendStudy(input: $input) { queued found study { ...WholeStudy } } }
`,
  [WHOLE_STUDY],
);

export const UpdateStudy = graphql(`
  mutation UpdateStudy($input: UpdateStudyInput!) { updateStudy(input: $input) { study { id name note } } }
`);

export const DeleteStudy = graphql(`
  mutation DeleteStudy($id: ID!) { deleteStudy(input: { id: $id }) { deletedId } }
`);
