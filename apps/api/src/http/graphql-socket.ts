import type { IncomingMessage, Server } from "node:http";
import { GraphQLError, parse } from "graphql";
import type { Context as SocketContext } from "graphql-ws";
import { type Extra, useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { Refusal } from "../access/refusal.ts";
import type { Context } from "../schema/builder.ts";
import { schema } from "../schema/index.ts";
import { MAX_TOKENS } from "../schema/limits.ts";
import type { Services } from "../services.ts";
import { formatError } from "./format-error.ts";
import { GRAPHQL_PATH } from "./graphql.ts";
import { isAllowedHost, isOwnOrigin } from "./guards.ts";
import { addressOf, identify, secretOf } from "./identity.ts";

const MAX_SOCKET_MESSAGE = 256 * 1024;
/** How long a connection that is open may outlive its token. */
const RECHECK_MS = 10_000;
const UNAUTHORIZED = 4401;

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
          await whoIs(socket, secret ?? null);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          socket.extra.socket.close(UNAUTHORIZED, error.code);
          return false;
        }
        open.add(socket);
        return true;
      },
      onDisconnect: (socket) => void open.delete(socket),
      onSubscribe: async (socket) => {
        try {
          await access.spend(await whoIs(socket, socket.extra.who?.secret ?? null));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return [new GraphQLError(error.message, { originalError: error })];
        }
      },
      context: (socket) => contextOf(services, socket as Socket) as unknown as Record<string, unknown>,
      parse: (source, options) => parse(source, { ...options, maxTokens: MAX_TOKENS }),
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
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== GRAPHQL_PATH) return refuse("404 Not Found");
    if (!isAllowedHost(request, allowedHosts) || !isOwnOrigin(request)) return refuse("403 Forbidden");
    if (!(await isWelcome(access, request))) return refuse("401 Unauthorized");
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  });
  return async () => {
    clearInterval(recheck);
    await dispose();
  };
}

/** A wrong token ends here; none may still come with the connection's parameters. */
async function isWelcome(access: Access, request: IncomingMessage): Promise<boolean> {
  if (secretOf(access, request) === null) return true;
  try {
    await identify(access, request);
    return true;
  } catch {
    return false;
  }
}

function contextOf(services: Services, { extra }: Socket): Context {
  if (!extra.who) throw new Error("an operation began before it was known who asks");
  return { ...services, actor: extra.who.actor };
}

function secretOfParameters(parameters: Readonly<Record<string, unknown>> | undefined): string | null {
  const given = parameters?.authorization;
  if (given === undefined) return null;
  return /^bearer +(\S+) *$/i.exec(String(given))?.[1] ?? "";
}
