import { graphql } from "@/graphql/graphql.ts";

/** What the palette can jump to; runs are found by the server, in all that there are. */
export const PaletteRunsQuery = graphql(`
  query PaletteRuns($filter: RunFilter) {
    runs(first: 8, filter: $filter) {
      totalCount
      edges { cursor node { id key status model { id name } task { id slug title } settings { shots } } }
    }
  }
`);
