import type { Server } from "node:http";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from "express";
import { GraphQLError } from "graphql";
import type { Context } from "../schema/builder.ts";
import { schema } from "../schema/index.ts";
import { limitAliases, refuseNesting } from "../schema/limit-document.ts";
import { MAX_BODY, MAX_TOKENS } from "../schema/limits.ts";
import type { Services } from "../services.ts";
import { nameOperation, tracedRequest } from "../tracing.ts";
import { formatError } from "./format-error.ts";
import { refuseLarge } from "./guards.ts";
import { actorOf } from "./identity.ts";
import { landingPage } from "./landing-page.ts";

/** How long requests that are being answered may take to end when the process does. */
const GRACE_MS = 5_000;
export const GRAPHQL_PATH = "/graphql";

/** Queries and mutations over HTTP. @returns the routes, and what stops them */
export async function graphqlOverHttp(
  services: Services,
  httpServer: Server,
  stopSockets: () => Promise<void>,
) {
  const stopSocketsToo: ApolloServerPlugin<Context> = {
    serverWillStart: async () => ({ drainServer: stopSockets }),
  };
  const counted: ApolloServerPlugin<Context> = {
    requestDidStart: async () => ({
      willSendResponse: async ({ operation, response: { body } }) => {
        const errors = body.kind === "single" ? body.singleResult.errors : body.initialResult.errors;
        const code = errors?.[0]?.extensions?.code ?? (errors ? "UNKNOWN" : "OK");
        const kind = operation?.operation ?? "none";
        services.metrics.operation(kind, String(code));
        nameOperation(kind, operation?.name?.value ?? null, String(code));
      },
    }),
  };
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    logger: services.log,
    // A document's size is bounded by its tokens, its cost by the limits of the schema.
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [limitAliases],
    formatError: (formatted, error) => {
      const cause = unwrapResolverError(error);
      if (error instanceof GraphQLError)
        return formatError(withCode(error, formatted.extensions?.code), services.log);
      return cause instanceof Error && formatted.extensions?.code !== "INTERNAL_SERVER_ERROR"
        ? formatted
        : formatError(new GraphQLError(String(cause), { originalError: cause as Error }), services.log);
    },
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: GRACE_MS }),
      ApolloServerPluginLandingPageDisabled(),
      // It looks at every field of an answer, for hints that this schema does not give.
      ApolloServerPluginCacheControlDisabled(),
      // Both would send reports to the network when the environment happens to hold a key.
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      stopSocketsToo,
      counted,
    ],
  });
  await apollo.start();

  const routes = Router();
  routes.get(GRAPHQL_PATH, (request, response, next) => {
    if (request.query.query !== undefined || request.accepts(["json", "html"]) !== "html") return next();
    response.type("html").send(landingPage);
  });
  routes.use(
    GRAPHQL_PATH,
    refuseLarge("request", MAX_BODY),
    express.json({ limit: MAX_BODY }),
    explainBody,
    measureNesting,
    tracedRequest,
    expressMiddleware(apollo, {
      context: async ({ req, res }) => ({
        ...services,
        actor: actorOf(req),
        signal: goneSignal(res),
        log: req.log,
      }),
    }),
  );
  return { routes, stop: () => apollo.stop() };
}

/** Aborted when the connection ends before the answer was sent. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

const measureNesting: RequestHandler = ({ body, query }, _response, next) => {
  for (const given of [body as { query?: unknown } | undefined, query])
    if (typeof given?.query === "string") refuseNesting(given.query);
  next();
};

const withCode = (error: GraphQLError, code: unknown): GraphQLError =>
  error.extensions.code === undefined && typeof code === "string"
    ? new GraphQLError(error.message, { ...error, originalError: error.originalError, extensions: { code } })
    : error;

/** A body that cannot be read, in the form of all other errors. */
const explainBody: ErrorRequestHandler = (error, _request, response, next) => {
  const { status, type, message } = error as { status?: number; type?: string; message: string };
  if (status === undefined || status >= 500) return next(error);
  const tooLarge = type === "entity.too.large";
  response.status(status).json({
    errors: [
      {
        message: tooLarge ? `request: larger than ${MAX_BODY} bytes` : `request: not readable (${message})`,
        extensions: { code: tooLarge ? "PAYLOAD_TOO_LARGE" : "BAD_REQUEST" },
      },
    ],
  });
};
