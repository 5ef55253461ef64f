import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoreBus, StoreEvent } from "../src/jobs/bus.ts";
import { createPostgresBus } from "../src/jobs/postgres-bus.ts";
import { type PostgresServer, postgresPrograms, query, startPostgres } from "./support/postgres.ts";

const MINUTE = { timeout: 60_000 };

describe.skipIf(postgresPrograms === null)("the bus on PostgreSQL", () => {
  let postgres: PostgresServer;
  let url: string;
  let bus: StoreBus;
  let close: () => Promise<void>;
  const heard: StoreEvent[] = [];

  beforeAll(async () => {
    postgres = await startPostgres({ fsync: "off" });
    url = await postgres.createDatabase("events");
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: url });
    pool.on("error", () => {});
    bus = await createPostgresBus(url, pool, pino({ level: "silent" }));
    bus.listen((event) => heard.push(event));
    close = async () => {
      await bus.close();
      await pool.end();
    };
  }, 120_000);
  afterAll(async () => {
    await close();
    await postgres.remove();
  });

  const listeners = async () =>
    (await query(url, "select 1 from pg_stat_activity where query ilike 'listen %'")).rowCount;
  const toldOnce = async (runId: string) => {
    bus.publish({ runId, kind: "status" });
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0);
    // Another connection would tell the same again.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(heard.splice(0)).toEqual([{ runId, kind: "status" }]);
  };

  it("tells each event once, over one connection", MINUTE, async () => {
    await toldOnce("a");
    expect(await listeners()).toBe(1);
  });

  it(
    "does so after the database was away for several attempts to reach it, and after that again",
    MINUTE,
    async () => {
      for (const runId of ["b", "c"]) {
        await postgres.stop("SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 4_500));
        await postgres.start();
        await expect.poll(listeners, { timeout: 20_000 }).toBeGreaterThan(0);
        // Attempts that were under way have come through by then.
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        expect(await listeners()).toBe(1);
        await toldOnce(runId);
      }
    },
  );
});
