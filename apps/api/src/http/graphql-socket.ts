import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import { type DocumentNode, GraphQLError, parse, specifiedRules, validate } from "graphql";
import type { Context as SocketContext } from "graphql-ws";
import { type Extra, useServer } from "graphql-ws/use/ws";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { Refusal } from "../access/refusal.ts";
import type { Context } from "../schema/builder.ts";
import { schema } from "../schema/index.ts";
import { limitAliases, refuseNesting } from "../schema/limit-document.ts";
import { MAX_SOCKET_OPERATIONS, MAX_SOCKETS, MAX_TOKENS } from "../schema/limits.ts";
import type { Services } from "../services.ts";
import { formatError } from "./format-error.ts";
import { GRAPHQL_PATH } from "./graphql.ts";
import { isAllowedHost, isOwnOrigin } from "./guards.ts";
import { addressOf, identify, secretOf } from "./identity.ts";

const MAX_SOCKET_MESSAGE = 256 * 1024;
/** How long a connection that is open may outlive its token. */
const RECHECK_MS = 10_000;
/** How long one may take to close when the process ends. */
const CLOSE_MS = 2_000;
// Codes of closing: those of the protocol where it has one.
const UNAUTHORIZED = 4401;
const TOO_MANY = 4429;
const UNAVAILABLE = 1011;

type SocketExtra = Partial<Record<PropertyKey, unknown>> & { who?: { secret: string | null; actor: Actor } };
type Socket = SocketContext<Record<string, unknown>, Extra & SocketExtra>;

/**
 * Subscriptions (and any other operation) over WebSocket, on the same port and path. The token comes in the header or cookie of the
 * connection, or in its parameters: `{ "authorization": "Bearer TOKEN" }`. @returns what ends them
 */
export function graphqlOverWebSocket(
  services: Services,
  access: Access,
  httpServer: Server,
  allowedHosts: readonly string[],
): () => Promise<void> {
  const { log } = services;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_SOCKET_MESSAGE });
  const open = new Set<Socket>();

  /** Asked again at each operation: a token may have been revoked since. */
  const whoIs = async (socket: Socket, secret: string | null): Promise<Actor> => {
    const actor = await access.identify(secret, addressOf(socket.extra.request));
    socket.extra.who = { secret, actor };
    return actor;
  };
  const { dispose } = useServer<Record<string, unknown>, SocketExtra>(
    {
      schema,
      onConnect: async (socket) => {
        const secret =
          secretOfParameters(socket.connectionParams) ?? secretOf(access, socket.extra.request)?.secret;
        try {
          const { name } = await whoIs(socket, secret ?? null);
          const others = [...open].filter(({ extra }) => extra.who?.actor.name === name);
          if (others.length >= MAX_SOCKETS) {
            socket.extra.socket.close(TOO_MANY, "RATE_LIMITED");
            return false;
          }
        } catch (error) {
          if (error instanceof Refusal) socket.extra.socket.close(UNAUTHORIZED, error.code);
          else {
            log.error({ error }, "a WebSocket was not let in");
            socket.extra.socket.close(UNAVAILABLE, "INTERNAL_SERVER_ERROR");
          }
          return false;
        }
        open.add(socket);
        return true;
      },
      onDisconnect: (socket) => void open.delete(socket),
      onSubscribe: async (socket, _id, { query, operationName, variables }) => {
        try {
          if (Object.keys(socket.subscriptions).length > MAX_SOCKET_OPERATIONS) throw tooManyOperations();
          await access.spend(await whoIs(socket, socket.extra.who?.secret ?? null));
          const document = parseDocument(query);
          const errors = validate(schema, document, [...specifiedRules, limitAliases]);
          return errors.length > 0 ? errors : { schema, document, operationName, variableValues: variables };
        } catch (error) {
          // Thrown from here it would end the connection, with all that goes on in it.
          return [
            error instanceof GraphQLError
              ? error
              : new GraphQLError("refused", { originalError: error as Error }),
          ];
        }
      },
      context: (socket) => contextOf(services, socket as Socket) as unknown as Record<string, unknown>,
      onError: (_context, _id, _payload, errors) => errors.map((error) => formatError(error, log)),
      onNext: (_context, _id, _payload, _args, result) => ({
        ...result,
        ...(result.errors && { errors: result.errors.map((error) => formatError(error, log)) }),
      }),
    },
    sockets,
  );
  const recheck = setInterval(() => {
    for (const socket of access.required ? open : []) {
      whoIs(socket, socket.extra.who?.secret ?? null).catch((error: unknown) => {
        if (error instanceof Refusal) socket.extra.socket.close(UNAUTHORIZED, error.code);
      });
    }
  }, RECHECK_MS).unref();

  httpServer.on("upgrade", async (request, socket, head) => {
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    socket.on("error", () => socket.destroy());
    const [pathname] = (request.url ?? "").split("?");
    if (pathname !== GRAPHQL_PATH) return refuse("404 Not Found");
    if (!isAllowedHost(request, allowedHosts) || !isOwnOrigin(request)) return refuse("403 Forbidden");
    const refusal = await refusalOf(access, request, log);
    if (refusal !== null) return refuse(refusal);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  });
  return async () => {
    clearInterval(recheck);
    const hurry = setTimeout(() => {
      for (const client of sockets.clients) client.terminate();
    }, CLOSE_MS);
    await dispose();
    clearTimeout(hurry);
  };
}

/** @throws GraphQLError, ApiError */
function parseDocument(text: string): DocumentNode {
  refuseNesting(text);
  try {
    return parse(text, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { message, source, positions } = error;
    throw new GraphQLError(message, { source, positions, extensions: { code: "GRAPHQL_PARSE_FAILED" } });
  }
}

const tooManyOperations = () =>
  new Refusal(
    "RATE_LIMITED",
    `too many operations on this connection (allowed: ${MAX_SOCKET_OPERATIONS} at a time): end some, or open another connection`,
  );

/** A wrong token ends here; none may still come with the connection's parameters. @returns why not, as a status line; null: it may go on */
async function refusalOf(access: Access, request: IncomingMessage, log: Logger): Promise<string | null> {
  if (secretOf(access, request) === null) return null;
  try {
    await identify(access, request);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${STATUS_CODES[error.status]}`;
    log.error({ error }, "a WebSocket was not let in");
    return "503 Service Unavailable";
  }
}

function contextOf(services: Services, { extra }: Socket): Context {
  if (!extra.who) throw new Error("an operation began before it was known who asks");
  return { ...services, actor: extra.who.actor, signal: services.stopping };
}

function secretOfParameters(parameters: Readonly<Record<string, unknown>> | undefined): string | null {
  const given = parameters?.authorization;
  if (given === undefined) return null;
  return /^bearer +(\S+) *$/i.exec(String(given))?.[1] ?? "";
}
