import { Router } from "express";
import type { Services } from "../services.ts";

/** For whoever watches over this process; open to everybody, and says nothing about what is stored. */
export function healthRoutes({ prisma }: Services): Router {
  const routes = Router();
  routes.get("/healthz", (_request, response) => void response.json({ status: "ok" }));
  routes.get("/readyz", async (_request, response) => {
    try {
      await prisma.$queryRaw`select 1`;
      response.json({ status: "ready" });
    } catch {
      response.status(503).json({ status: "database does not answer" });
    }
  });
  return routes;
}
