import { ENGINE_VERSION, EngineError, SEMANTICS_VERSION } from "@recallscope/engine";
import { type Command, InvalidArgumentError } from "commander";
import { SERVER_ENVIRONMENT } from "../environment.ts";
import { badInput } from "../failure.ts";
import { askServer } from "./server.ts";

/** Flags of commands that can work through a server elsewhere. */
export interface ServerFlags {
  server?: string;
  token?: string;
}

/** A server, and what opens it. */
export interface Connection {
  url: string;
  token: string | null;
  /** Named by the user; else the one that holds the store here. */
  remote: boolean;
}

export const withServer = (command: Command): Command =>
  command
    .option(
      "--server <url>",
      "work through the server at this address (default: $RECALLSCOPE_SERVER)",
      address,
    )
    .option("--token <token>", "what opens it (default: $RECALLSCOPE_TOKEN, which other users cannot see)");

/**
 * The server to work through: the one that flags or environment name, or else the one that holds the store here; null when nobody
 * holds it. One that was named is asked whether it fits.
 * @throws EngineError UNAUTHENTICATED, BAD_INPUT for another version, or Error when it does not answer
 */
export async function findConnection(flags: ServerFlags): Promise<Connection | null> {
  const named = namedServer(flags);
  if (named === null) {
    const { findOwnerKey, findServer } = await import("@recallscope/api");
    const url = await findServer();
    return url === null ? null : { url, token: await findOwnerKey(), remote: false };
  }
  if (named.token !== null && isOverheard(named.url))
    process.stderr.write(`note: the token goes to ${named.url} unencrypted (use an https address)\n`);
  await checkVersion(named);
  return named;
}

/** The server that flags or environment name; null for none. @throws EngineError BAD_INPUT */
export function namedServer(
  { server, token }: ServerFlags,
  environment: typeof SERVER_ENVIRONMENT = SERVER_ENVIRONMENT,
): Connection | null {
  const url = server ?? inEnvironment("RECALLSCOPE_SERVER", environment.server, address);
  if (url === undefined) {
    if (token !== undefined)
      throw badInput("option --token: opens a server, and none is named (add --server)");
    return null;
  }
  // The token of the environment is for the server of the environment: it must not be sent to another one.
  const own = inEnvironment("RECALLSCOPE_SERVER", environment.server, address) ?? url;
  const secret = token ?? (own === url ? environment.token : undefined) ?? null;
  // The message must not hold it: a slip of a finger leaves most of a token.
  if (secret !== null && !/^[\x21-\x7e]+$/.test(secret))
    throw badInput("token: holds characters that no token has (give it as it was shown when it was made)");
  return { url, token: secret, remote: true };
}

function inEnvironment<T>(name: string, text: string | undefined, read: (text: string) => T): T | undefined {
  try {
    return text === undefined ? undefined : read(text);
  } catch (error) {
    throw badInput(`${name}: ${(error as Error).message}`);
  }
}

/** The address without a slash at its end. */
function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new InvalidArgumentError("Allowed: an address such as https://recallscope.example:3000.");
  return url.href.replace(/\/+$/, "");
}

const isOverheard = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname);
};

const SERVER = `query { server { engineVersion semanticsVersion } }`;

async function checkVersion({ url, token }: Connection): Promise<void> {
  const { server } = await askServer<{ server: { engineVersion: string; semanticsVersion: number } }>(
    { url, token, remote: true },
    SERVER,
    {},
  ).catch((error) => {
    if (error instanceof EngineError && (error.code as string) === "GRAPHQL_VALIDATION_FAILED")
      throw badInput(`server ${url}: is older than this command line (use the command line of its version)`);
    throw error;
  });
  if (server.engineVersion !== ENGINE_VERSION || server.semanticsVersion !== SEMANTICS_VERSION)
    throw badInput(
      `server ${url}: has engine ${server.engineVersion} with semantics ${server.semanticsVersion}, this command line ${ENGINE_VERSION} with ${SEMANTICS_VERSION} (use the command line of its version)`,
    );
}
