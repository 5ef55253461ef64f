import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import helmet from "helmet";
import { ApiError } from "../errors.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Whether a request was meant for this server. A page of another site can make a browser send requests to this machine under the
 * other site's name (DNS rebinding); the name in `Host` gives that away.
 */
export const isAllowedHost = (request: IncomingMessage, allowedHosts: readonly string[]): boolean => {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  return LOOPBACK.includes(name) || allowedHosts.includes(name);
};

/** Whether a WebSocket comes from our own pages, or from a program that is no browser: browsers do not guard these themselves. */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

export const refuseOtherHosts =
  (allowedHosts: readonly string[]): RequestHandler =>
  (request, response, next) => {
    if (isAllowedHost(request, allowedHosts)) return next();
    const message = `host ${request.headers.host ?? "(none)"}: this server is called localhost (another name: list it in RECALLSCOPE_ALLOWED_HOSTS)`;
    response.status(403).json({ errors: [{ message, extensions: { code: "HOST_NOT_ALLOWED" } }] });
  };

/** Refuses a body that says it is too large before it is read: a parser would first read all of it. @param most bytes */
export const refuseLarge =
  (what: string, most: number): RequestHandler =>
  (request, response, next) => {
    if (Number(request.headers["content-length"] ?? 0) <= most) return next();
    response.set("Connection", "close");
    next(new ApiError("PAYLOAD_TOO_LARGE", `${what}: larger than ${most} bytes`));
  };

/** Security headers. Everything comes from this server; Next starts its pages with inline scripts. */
export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'unsafe-inline'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'", "data:"],
        // Older browsers do not count WebSockets of the same host as 'self'; the host was checked before.
        connectSrc: [
          "'self'",
          (request) => `ws://${request.headers.host}`,
          (request) => `wss://${request.headers.host}`,
        ],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
