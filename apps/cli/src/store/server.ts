import { EngineError, type ErrorCode } from "@recallscope/engine";
import type { Connection } from "./connection.ts";

interface ErrorBody {
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** Asks a server in GraphQL. @throws EngineError with the code of the first error, or Error when it does not answer */
export async function askServer<T>(
  connection: Connection,
  query: string,
  variables: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await reach(connection, "/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  });
  const body = (await response.json().catch(() => null)) as (ErrorBody & { data?: T }) | null;
  if (body?.errors?.[0] || body?.data === undefined) throw refusal(connection, response.status, body);
  return body.data;
}

/** What a server answered instead of what it was asked for. */
export const refusalOf = async (connection: Connection, response: Response): Promise<Error> =>
  refusal(connection, response.status, (await response.json().catch(() => null)) as ErrorBody | null);

function refusal({ url, token, remote }: Connection, status: number, body: ErrorBody | null): Error {
  const first = body?.errors?.[0];
  if (!first)
    return new Error(
      `server ${url}: HTTP ${status}, and no answer of a Recallscope server (is the address right?)`,
    );
  const code = (first.extensions?.code ?? "ENGINE_FAILED") as ErrorCode;
  const way =
    remote && (code as string) === "UNAUTHENTICATED"
      ? `; give one by ${token === null ? "RECALLSCOPE_TOKEN or --token" : "another RECALLSCOPE_TOKEN or --token"}`
      : "";
  return new EngineError(code, `${remote ? `server ${url}: ` : ""}${first.message}${way}`);
}

/** No connection, or one that broke: asking again may help. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** Asks a server. @param path below its address. @throws Unreachable saying that it does not answer */
export async function reach(
  { url, token, remote }: Connection,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, {
      ...init,
      headers: { ...init.headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    const { cause } = error as { cause?: { code?: string; message?: string } };
    const why = cause ? ` (${cause.code ?? cause.message})` : "";
    throw new Unreachable(
      remote
        ? `server ${url} does not answer${why}: is the address right, and does it listen for other machines (HOST)?`
        : `server ${new URL(url).origin} does not answer: start it again, or stop it to run here`,
      { cause: error },
    );
  }
}
