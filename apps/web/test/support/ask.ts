/** Asks the server at `url` by GraphQL. @throws Error with its words when it refuses */
export async function ask<Data>(url: string, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(`${url}: ${errors.map(({ message }) => message).join("\n")}`);
  return data;
}
