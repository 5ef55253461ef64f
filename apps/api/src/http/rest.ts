import { Router } from "express";
import { printedSchema } from "../schema/index.ts";
import type { Services } from "../services.ts";

/** What is served beside GraphQL and exports: metrics and the schema. */
export function restRoutes({ metrics }: Services): Router {
  const routes = Router();
  routes.get(
    "/metrics",
    async (_request, response) => void response.type(metrics.contentType).send(await metrics.text()),
  );
  routes.get(
    "/schema.graphql",
    (_request, response) => void response.type("text/plain").send(printedSchema()),
  );
  return routes;
}
