import { Router } from "express";
import { readReport, reportJson } from "../results/read-report.ts";
import { whereIdOrKey } from "../runs/find-run.ts";
import { runIdOf } from "../schema/ids.ts";
import { printedSchema } from "../schema/index.ts";
import type { Services } from "../services.ts";

/** What is served beside GraphQL: metrics, the schema, and whole reports. */
export function restRoutes({ prisma, metrics }: Services): Router {
  const routes = Router();
  routes.get(
    "/metrics",
    async (_request, response) => void response.type(metrics.contentType).send(await metrics.text()),
  );
  routes.get(
    "/schema.graphql",
    (_request, response) => void response.type("text/plain").send(printedSchema()),
  );
  routes.get("/runs/:id/report.json", async (request, response) => {
    const fail = (status: number, code: string, message: string) =>
      response.status(status).json({ errors: [{ message, extensions: { code } }] });
    const { id } = request.params;
    const where = whereIdOrKey(runIdOf(id));
    const runs = where ? await prisma.run.findMany({ where, orderBy: { id: "desc" } }) : [];
    const run = runs.find(({ status }) => status === "SUCCEEDED") ?? runs[0];
    if (!run) return void fail(404, "NOT_FOUND", `run ${id}: there is none (was it deleted?)`);
    const report = await readReport(prisma, run.id);
    if (!report) return void fail(409, "RUN_NOT_FINISHED", `run ${id}: has no report, it is ${run.status}`);
    response.attachment(`${report.task.id}-${run.key}.json`).type("json").send(reportJson(report));
  });
  return routes;
}
