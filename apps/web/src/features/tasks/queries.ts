import { EstimateFields, RunRow, SettingsFields } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const TasksQuery = graphql(`
  query Tasks($after: String) {
    tasks(first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        cursor
        node {
          id slug title relation domain version origin factCount
          clauses { id text relation }
          runs(first: 1) { totalCount }
        }
      }
    }
  }
`);
export type TaskRow = NonNullable<ResultOf<typeof TasksQuery>["tasks"]["edges"][number]>["node"];

export const TaskQuery = graphql(
  `
  query Task($slug: String!, $after: String) {
    task(slug: $slug) {
      id slug title relation domain version licence source shot factCount origin createdBy createdAt hash
      clauses { id text relation }
      facts { subject answer aliases }
      runs(first: 50, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { cursor node { ...RunRow } }
      }
    }
  }
`,
  [RunRow],
);
export type TaskData = NonNullable<ResultOf<typeof TaskQuery>["task"]>;

export const TaskResultsQuery = graphql(
  `
  query TaskResults($task: String!) {
    taskResults(task: $task) {
      runs {
        id key model { id name } task { id slug } settings { ...SettingsFields }
        receipt { engineVersion semanticsVersion startedAt model { weightHash } }
        summary {
          factsKnown factsTotal
          top1 { ...EstimateFields } candidateTop1 { ...EstimateFields } probability { ...EstimateFields }
        }
      }
      facts { subject answer asked known shares }
    }
  }
`,
  [EstimateFields, SettingsFields],
);
export type TaskResults = ResultOf<typeof TaskResultsQuery>["taskResults"];
export type TaskRun = TaskResults["runs"][number];

export const TaskTokensQuery = graphql(`
  query TaskTokens($model: String!, $task: String!) {
    taskTokens(model: $model, task: $task) {
      facts { subject answer subjectTokens answerToken }
      dropped { subject answer reason }
    }
  }
`);

export const DeleteTask = graphql(`
  mutation DeleteTask($slug: String!) { deleteTask(input: { slug: $slug }) { deletedSlug } }
`);

const REPORT = graphql(`
  fragment ImportReport on TaskImportReport {
    factsRead factsKept clausesRead clausesKept notes
    dropped { rule meaning where what because }
    changed { rule meaning where from to }
  }
`);

const READ_FILE = graphql(
  `
  fragment ReadFile on ReadTaskFile {
    format
    stray { ...ImportReport }
    tasks {
      name outcome refused
      draft {
        slug title relation domain licence source version shot
        clauses { id text relation }
        facts { subject answer }
      }
      task { id slug title }
      report { ...ImportReport }
    }
  }
`,
  [REPORT],
);

export const CheckTaskQuery = graphql(
  `
  query CheckTask($input: TaskFileInput!) { checkTask(input: $input) { ...ReadFile } }
`,
  [READ_FILE],
);
export type ReadFile = ResultOf<typeof CheckTaskQuery>["checkTask"];
export type ImportedTask = ReadFile["tasks"][number];
export type ImportReportData = ImportedTask["report"];

export const ImportTask = graphql(
  `
  mutation ImportTask($input: TaskFileInput!) { importTask(input: $input) { ...ReadFile } }
`,
  [READ_FILE],
);
