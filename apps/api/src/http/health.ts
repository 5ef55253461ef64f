import { setTimeout as pause } from "node:timers/promises";
import { Router } from "express";
import { readMigrations } from "../database/migrate.ts";
import type { Services } from "../services.ts";

const PATIENCE_MS = 2_000;
const NOT_YET = "not in time";

/** For whoever watches over this process; open to everybody, and says nothing about what is stored. */
export function healthRoutes(services: Services): Router {
  const routes = Router();
  // They are files of this version: read when first asked for, and then known.
  let migrations: Promise<readonly string[]> | null = null;
  const known = () => {
    migrations ??= readMigrations().then(({ migrationDirectories }) =>
      migrationDirectories.map(({ path }) => path),
    );
    return migrations;
  };
  routes.get("/healthz", (_request, response) => void response.json({ status: "ok" }));
  routes.get("/readyz", async (_request, response) => {
    const checks = await readiness(services, await known());
    const ready = Object.values(checks).every((state) => state === "ok");
    response.status(ready ? 200 : 503).json({ status: ready ? "ready" : "not ready", checks });
  });
  return routes;
}

/** `ok`, or why not, of each part. */
async function readiness({ prisma, queue, stopping }: Services, migrations: readonly string[]) {
  const applied = prisma.$queryRaw<{ name: string }[]>`
    select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null`.then(
    (rows) => rows.map(({ name }) => name),
    () => null,
  );
  const names = await Promise.race([applied, pause(PATIENCE_MS, NOT_YET, { ref: false })]);
  const answers = Array.isArray(names);
  const missing = migrations.filter((name) => !answers || !names.includes(name));
  return {
    database: answers ? "ok" : "does not answer",
    migrations: missing.length === 0 ? "ok" : answers ? `${missing.length} not applied` : "unknown",
    worker: stopping.aborted ? "is stopping" : queue.isAlive() ? "ok" : "does not look for runs",
  };
}
