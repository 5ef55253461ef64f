import { initGraphQLTada, type TadaDocumentNode } from "gql.tada";
import { print } from "graphql";
// What `npm run generate` makes of apps/api/schema.graphql: a field that the API does not have is an error of the compiler.
import type { introspection } from "../../apps/web/src/graphql/graphql-env.d.ts";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; JSON: unknown };
}>();

const { RECALLSCOPE_SERVER = "http://localhost:3000", RECALLSCOPE_TOKEN } = process.env;
const authorization = RECALLSCOPE_TOKEN ? { authorization: `Bearer ${RECALLSCOPE_TOKEN}` } : undefined;

/** Asks the server. @throws Error with the code and message of the first error */
export async function ask<Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${RECALLSCOPE_SERVER}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as {
    data: Result;
    errors?: { message: string; extensions: { code: string } }[];
  };
  if (errors?.[0]) throw new Error(`${errors[0].extensions.code}: ${errors[0].message}`);
  return data;
}

/** A file of the server, by an address that GraphQL gave. */
export async function download(address: string): Promise<string> {
  const response = await fetch(`${RECALLSCOPE_SERVER}${address}`, { headers: { ...authorization } });
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`);
  return response.text();
}
