import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import pinoHttp from "pino-http";

const ID = "x-request-id";

/**
 * One line per request, and an id that stands in every line about it: the one it came with, or a new one, which the answer
 * carries as X-Request-Id. Headers and bodies are not logged: they hold tokens.
 */
export const requestLog = (log: Logger): RequestHandler =>
  pinoHttp({
    logger: log,
    genReqId: (request, response) => {
      const given = request.headers[ID];
      const id = typeof given === "string" && /^[\w.:/+=-]{1,100}$/.test(given) ? given : randomUUID();
      response.setHeader(ID, id);
      return id;
    },
    serializers: {
      req: ({ id, method, url, remoteAddress }) => ({ id, method, url, remoteAddress }),
      res: ({ statusCode }) => ({ statusCode }),
    },
    quietReqLogger: true,
    autoLogging: {
      ignore: ({ url }) =>
        url === "/healthz" || url === "/readyz" || url === "/metrics" || url?.startsWith("/_next/") === true,
    },
    customLogLevel: (_request, { statusCode }, error) => (error || statusCode >= 500 ? "error" : "info"),
  });
