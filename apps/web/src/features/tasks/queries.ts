import { RunRow } from "@/graphql/fragments.ts";
import { graphql } from "@/graphql/graphql.ts";

export const TasksQuery = graphql(`
  query Tasks {
    tasks(first: 100) {
      totalCount
      edges {
        cursor
        node {
          id slug title relation domain version licence factCount
          clauses { id text relation }
          runs(first: 1) { totalCount }
        }
      }
    }
  }
`);

export const TaskQuery = graphql(
  `
  query Task($slug: String!, $after: String) {
    task(slug: $slug) {
      id slug title relation domain version licence source shot factCount
      clauses { id text relation }
      facts { subject answer }
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
