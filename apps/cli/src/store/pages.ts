import type { Connection } from "./connection.ts";
import { askServer } from "./server.ts";

const PAGE = 100;

interface Page<T> {
  edges: { node: T }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** The entries of a list of the server, page by page. @param most at most so many */
export async function entriesOf<T>(
  connection: Connection,
  list: string,
  fields: string,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const query = `query ($first: Int!, $after: String) { page: ${list}(first: $first, after: $after) { edges { node { ${fields} } } pageInfo { hasNextPage endCursor } } }`;
  const entries: T[] = [];
  for (let after: string | null = null; ; ) {
    const first = Math.min(PAGE, most - entries.length);
    const { page }: { page: Page<T> } = await askServer(connection, query, { first, after });
    entries.push(...page.edges.map(({ node }) => node));
    if (!page.pageInfo.hasNextPage || entries.length >= most) return entries;
    after = page.pageInfo.endCursor;
  }
}
