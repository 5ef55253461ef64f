import type { RequestHandler } from "express";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { RunStatus } from "./generated/prisma/enums.ts";
import type { RunQueue } from "./jobs/queue.ts";
import type { Tx } from "./services.ts";

export interface Metrics {
  /** All of them, in the text form of Prometheus. */
  text(): Promise<string>;
  contentType: string;
  /** Times every request. */
  http: RequestHandler;
  operation(kind: string, code: string): void;
  runEnded(outcome: "SUCCEEDED" | "FAILED", seconds: number): void;
}

/** Names have no part that grows with what is stored: no run, model or token is a label. */
export function createMetrics({
  prisma,
  queue,
}: {
  prisma: Pick<Tx, "run">;
  queue: Pick<RunQueue, "counts">;
}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const http = new Histogram({
    name: "recallscope_http_request_seconds",
    help: "How long requests took",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.005, 0.02, 0.05, 0.2, 0.5, 2, 10],
    registers,
  });
  const operations = new Counter({
    name: "recallscope_graphql_operations_total",
    help: "GraphQL operations over HTTP, by kind and by OK or the code of their first error",
    labelNames: ["kind", "code"] as const,
    registers,
  });
  const seconds = new Histogram({
    name: "recallscope_run_seconds",
    help: "How long this process computed on runs",
    labelNames: ["outcome"] as const,
    buckets: [1, 5, 20, 60, 300, 1200, 3600, 14400],
    registers,
  });
  new Gauge({
    name: "recallscope_runs",
    help: "Stored runs by state; those in QUEUED wait for a worker",
    labelNames: ["status"] as const,
    registers,
    async collect() {
      const rows = await prisma.run.groupBy({ by: ["status"], _count: true });
      for (const status of Object.values(RunStatus))
        this.set({ status }, rows.find((row) => row.status === status)?._count ?? 0);
    },
  });
  new Gauge({
    name: "recallscope_tickets",
    help: "Leave to work on runs, by state; those that are dead came back too often",
    labelNames: ["state"] as const,
    registers,
    async collect() {
      const { waiting, active, dead } = await queue.counts();
      for (const [state, count] of Object.entries({ waiting, active, dead })) this.set({ state }, count);
    },
  });
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    http: (request, response, next) => {
      const end = http.startTimer();
      // Taken now: routers shorten the path while they work.
      const route = routeOf(request.path);
      response.on("finish", () => end({ method: request.method, route, status: response.statusCode }));
      next();
    },
    operation: (kind, code) => operations.inc({ kind, code }),
    runEnded: (outcome, time) => seconds.observe({ outcome }, time),
  };
}

const ROUTES = [
  "/graphql",
  "/schema.graphql",
  "/session",
  "/metrics",
  "/healthz",
  "/readyz",
  "/_next",
  "/runs",
];
const routeOf = (path: string): string =>
  path.endsWith("/report.json")
    ? "/runs/:id/report.json"
    : (ROUTES.find((route) => path === route || path.startsWith(`${route}/`)) ?? "page");
