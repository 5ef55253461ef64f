import express, { type Request, type Response, Router } from "express";
import type { Access } from "../access/access.ts";
import { Refusal } from "../access/refusal.ts";
import { isOwnOrigin } from "./guards.ts";
import { addressOf, COOKIE, refuse } from "./identity.ts";
import { SESSION_PATH, sessionPage } from "./session-page.ts";

const DAYS = 30;

/** A browser cannot add a header to what it opens: its token is kept in a cookie that no script and no other site can use. */
export function sessionRoutes(access: Access): Router {
  const routes = Router();
  const cookie = (request: Request) =>
    ({
      httpOnly: true,
      sameSite: "strict",
      path: "/",
      secure: request.secure || /\bhttps\b/.test(request.get("x-forwarded-proto") ?? ""),
    }) as const;
  const page = (response: Response, problem: string | null = null) =>
    response.set("Cache-Control", "no-store").type("html").send(sessionPage(problem));

  routes.get(SESSION_PATH, (_request, response) => void page(response));
  routes.post(
    SESSION_PATH,
    express.urlencoded({ limit: "4kb", extended: false }),
    async (request, response) => {
      if (!isOwnOrigin(request))
        return refuse(response, new Refusal("ORIGIN_NOT_ALLOWED", "request: sent by a page of another site"));
      const { token } = (request.body ?? {}) as { token?: unknown };
      const secret = typeof token === "string" ? token.trim() : "";
      try {
        await access.identify(secret, addressOf(request));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return void page(response.status(error.status).set(error.headers), error.message);
      }
      response
        .cookie(COOKIE, secret, { ...cookie(request), maxAge: DAYS * 24 * 3600 * 1000 })
        .redirect(303, "/");
    },
  );
  routes.post(`${SESSION_PATH}/end`, (request, response) => {
    if (!isOwnOrigin(request))
      return refuse(response, new Refusal("ORIGIN_NOT_ALLOWED", "request: sent by a page of another site"));
    response.clearCookie(COOKIE, cookie(request)).redirect(303, SESSION_PATH);
  });
  return routes;
}
