import { graphql, type ResultOf } from "./graphql.ts";

export const ViewerQuery = graphql(`query Viewer { viewer { name role } }`);

/** Name of this machine's own user, who needs no token. */
const LOCAL = "local";

/** Whether this server knows the reader by a token; false while it is not known. */
export const usesToken = (data: ResultOf<typeof ViewerQuery> | undefined): boolean =>
  data !== undefined && data.viewer.name !== LOCAL;
