import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler } from "express";
import type { Access } from "../access/access.ts";
import { Refusal } from "../access/refusal.ts";
import type { Config } from "../env.ts";
import { ApiError, errnoOf } from "../errors.ts";
import { redact } from "../secrets.ts";
import type { Services } from "../services.ts";
import { exportRoutes } from "./exports.ts";
import { graphqlOverHttp } from "./graphql.ts";
import { graphqlOverWebSocket } from "./graphql-socket.ts";
import { refuseOtherHosts, securityHeaders } from "./guards.ts";
import { healthRoutes } from "./health.ts";
import { letIn, refuse } from "./identity.ts";
import { requestLog } from "./request-log.ts";
import { restRoutes } from "./rest.ts";
import { sessionRoutes } from "./session.ts";
import { STATIC_PATH, type Web } from "./web.ts";

export interface HttpService {
  /** Where it answers, e.g. http://localhost:3000. */
  url: string;
  stop(): Promise<void>;
}

/** GraphQL, health, reports and the dashboard on one port. Port 0 takes any that is free. @throws ApiError PORT_TAKEN */
export async function serve(
  services: Services,
  access: Access,
  config: Pick<Config, "host" | "port" | "allowedHosts">,
  web: Web | null,
): Promise<HttpService> {
  const app = express().disable("x-powered-by");
  const httpServer = createHttpServer(app);
  const stopSockets = graphqlOverWebSocket(services, access, httpServer, config.allowedHosts);
  const graphql = await graphqlOverHttp(services, httpServer, stopSockets);

  app.use(services.metrics.http, requestLog(services.log));
  // Whoever watches over this process may call it by any address, but where tokens are not needed the name is all that protects it.
  if (access.required) app.use(healthRoutes(services));
  app.use(refuseOtherHosts(config.allowedHosts), securityHeaders());
  if (access.required) app.use(sessionRoutes(access));
  else app.use(healthRoutes(services));
  app.use(letIn(access), restRoutes(services), exportRoutes(services), graphql.routes);
  if (web) app.use(STATIC_PATH, web.files);
  app.use((request, response) => {
    if (web) return web.handle(request, response);
    response
      .status(503)
      .type("text")
      .send("The dashboard has not been built: npm run build. GraphQL is at /graphql.\n");
  });
  app.use(lastResort(services));

  try {
    await listen(httpServer, config);
  } catch (error) {
    await graphql.stop();
    throw explainListen(error, config);
  }
  const { port } = httpServer.address() as AddressInfo;
  const name = /^(?:127\.0\.0\.1|::1|0\.0\.0\.0|::)$/.test(config.host) ? "localhost" : config.host;
  return { url: `http://${name}:${port}`, stop: graphql.stop };
}

const listen = (server: Server, { port, host }: { port: number; host: string }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

function explainListen(error: unknown, { port, host }: { port: number; host: string }): unknown {
  const other = `PORT=${port === 65535 ? 3000 : port + 1} npm start`;
  switch (errnoOf(error)) {
    case "EADDRINUSE":
      return new ApiError(
        "PORT_TAKEN",
        `port ${port}: taken by another program: stop it, or use another port: ${other}`,
      );
    case "EACCES":
      return new ApiError("PORT_TAKEN", `port ${port}: not allowed for this user: ${other}`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ApiError("BAD_ENVIRONMENT", `HOST is "${host}": no address of this machine (use 127.0.0.1)`);
    default:
      return error;
  }
}

const STATUS: Partial<Record<string, number>> = {
  NOT_FOUND: 404,
  NOT_COMPARABLE: 409,
  RUN_NOT_FINISHED: 409,
  BUNDLE_CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
};

const lastResort =
  ({ log }: Services): ErrorRequestHandler =>
  (error, request, response, _next) => {
    if (response.headersSent) {
      // Nobody listens any more, or half of an answer is out: it must not look whole.
      (request.log ?? log).warn({ error }, "answer broken off");
      return void response.destroy();
    }
    response.removeHeader("ETag");
    if (error instanceof Refusal) return refuse(response, error);
    if (error instanceof ApiError) {
      const { code, message, details } = error;
      return void response
        .status(STATUS[code] ?? 400)
        .json({ errors: [{ message: redact(message), extensions: { code, ...details } }] });
    }
    const { status, type, message } = error as { status?: number; type?: string; message: string };
    if (status !== undefined && status >= 400 && status < 500) {
      // Of Express and its parsers: the request itself is at fault.
      const code = type === "entity.too.large" ? "PAYLOAD_TOO_LARGE" : "BAD_REQUEST";
      return void response
        .status(status)
        .json({ errors: [{ message: `request: ${redact(message)}`, extensions: { code } }] });
    }
    (request.log ?? log).error({ error }, "request failed");
    response
      .status(500)
      .json({ errors: [{ message: "internal error", extensions: { code: "INTERNAL_SERVER_ERROR" } }] });
  };
