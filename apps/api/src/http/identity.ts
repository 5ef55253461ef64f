import type { IncomingMessage } from "node:http";
import type { RequestHandler, Response } from "express";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { Refusal } from "../access/refusal.ts";
import { redact } from "../secrets.ts";
import { isOwnOrigin } from "./guards.ts";
import { SESSION_PATH } from "./session-page.ts";

export const COOKIE = "recallscope_session";

/**
 * The token of a request, of its header or else of its cookie; null when it has none. Where no token is asked for, a cookie is a leftover: cookies of
 * localhost are sent to all its ports.
 */
export function secretOf(
  { required }: Pick<Access, "required">,
  { headers }: IncomingMessage,
): { secret: string; cookie: boolean } | null {
  const [, header] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  if (header) return { secret: header, cookie: false };
  if (headers.authorization !== undefined) return { secret: "", cookie: false };
  if (!required) return null;
  const [, cookie] = new RegExp(`(?:^|;)\\s*${COOKIE}=([^;\\s]+)`).exec(headers.cookie ?? "") ?? [];
  return cookie === undefined ? null : { secret: cookie, cookie: true };
}

/** Where a request comes from; behind a proxy, the proxy: who sends `X-Forwarded-For` may write anything into it. */
export const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? "unknown";

const actors = new WeakMap<IncomingMessage, Actor>();

/** Who a request comes from, once `letIn` has let it in. */
export function actorOf(request: IncomingMessage): Actor {
  const actor = actors.get(request);
  if (!actor) throw new Error("a request was served before it was known who makes it");
  return actor;
}

/** Lets a request in, or not. @throws Refusal */
export async function identify(access: Access, request: IncomingMessage): Promise<Actor> {
  const given = secretOf(access, request);
  const actor = await access.identify(given?.secret ?? null, addressOf(request));
  // Browsers send a cookie along whoever's page asks; `SameSite` stops that, and this does where it is not understood.
  if (given?.cookie && !/^(?:GET|HEAD)$/.test(request.method ?? "") && !isOwnOrigin(request))
    throw new Refusal("ORIGIN_NOT_ALLOWED", "request: sent by a page of another site");
  return actor;
}

/** Lets through who may look at anything at all; a browser is sent to the page that asks for a token. */
export const letIn =
  (access: Access): RequestHandler =>
  async (request, response, next) => {
    try {
      const actor = await identify(access, request);
      if (!request.path.startsWith("/_next/")) await access.spend(actor);
      actors.set(request, actor);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const page = request.method === "GET" && request.headers["sec-fetch-dest"] === "document";
      if (error.status === 401 && page) return response.redirect(303, SESSION_PATH);
      return refuse(response, error);
    }
    next();
  };

export function refuse(response: Response, { status, headers, code, message }: Refusal): void {
  response
    .status(status)
    .set(headers)
    .json({ errors: [{ message: redact(message), extensions: { code } }] });
}
