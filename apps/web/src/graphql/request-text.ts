/**
 * A shell line that asks `query` of the server at `origin`. Where the server asks for tokens, the shell fills in
 * `$RECALLSCOPE_TOKEN`: no secret is ever written into a page or a clipboard.
 */
export function curlOf(query: string, origin: string, token: boolean): string {
  const body = JSON.stringify({ query: query.replace(/\s*\n\s*/g, " ").trim() });
  return [
    `curl -s ${origin}/graphql`,
    "-H 'content-type: application/json'",
    ...(token ? ['-H "authorization: Bearer $RECALLSCOPE_TOKEN"'] : []),
    `--data-binary '${body.replaceAll("'", "'\\''")}'`,
  ].join(" \\\n  ");
}
