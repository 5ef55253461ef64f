import { RunRow } from "@/graphql/fragments.ts";
import { graphql, type ResultOf } from "@/graphql/graphql.ts";

export const SystemQuery = graphql(
  `
  query System {
    server { engineVersion semanticsVersion }
    workers { name device memory version startedAt seenAt run { ...RunRow } }
    queue { waiting active dead byPriority { priority waiting active } }
    runs(first: 20, filter: { status: [FAILED], errorCode: "RUN_INTERRUPTED" }) {
      totalCount
      edges { cursor node { ...RunRow } }
    }
  }
`,
  [RunRow],
);
export type Worker = ResultOf<typeof SystemQuery>["workers"][number];
export type Queue = ResultOf<typeof SystemQuery>["queue"];
