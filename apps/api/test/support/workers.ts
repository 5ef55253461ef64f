import { DEFAULT_SETTINGS, type DeviceChoice } from "@recallscope/engine";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { type Config, readConfig } from "../../src/env.ts";
import { createRun } from "../../src/runs/create-run.ts";
import type { Services } from "../../src/services.ts";
import { startWorker } from "../../src/start.ts";
import { type FakeEngine, fakeEngine } from "./fake-engine.ts";
import { modelsFolder } from "./platform.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { quiet } from "./quiet.ts";

export const GB = 2 ** 30;

/** Workers with fake engines on one PostgreSQL, a database for each test: to be called inside a `describe`. */
export function workersOnPostgres() {
  let postgres: PostgresServer;
  let models: string;
  let url: string;
  let databases = 0;
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: "off" });
    models = await modelsFolder("demo", "other");
  }, 60_000);
  afterAll(() => postgres?.remove());
  const stops: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    url = await postgres.createDatabase(`workers${databases++}`);
    return async () => {
      for (const stop of stops.splice(0)) await stop();
    };
  });

  const worker = async (
    name: string,
    {
      engine = fakeEngine(),
      memory = (64 * GB) as number | null,
      device = "cpu" as DeviceChoice,
      float16 = false as boolean | Promise<boolean>,
    } = {},
  ): Promise<{ engine: FakeEngine; services: Services; stop(): Promise<void> }> => {
    const config: Config = {
      ...readConfig({}),
      databaseUrl: url,
      modelsFolder: models,
      worker: { enabled: true, name, memory, threads: null, device },
    };
    const own = await startWorker({
      config,
      engines: { runs: engine, interactive: engine, live: engine },
      log: quiet,
      triesFloat16: async () => float16,
    });
    stops.push(own.stop);
    return { ...own, engine };
  };
  const ask = (services: Services, seed: number, more: Partial<Parameters<typeof createRun>[1]> = {}) =>
    createRun(services, {
      model: "demo",
      task: "country-capital",
      settings: { ...DEFAULT_SETTINGS, analyses: [], seed },
      force: false,
      ...more,
    });
  const runOf = ({ prisma }: Services, id: string) =>
    prisma.run.findUniqueOrThrow({ where: { id }, include: { shards: { orderBy: { index: "asc" } } } });
  const reaches = (services: Services, id: string, status: string, timeout = 20_000) =>
    expect.poll(async () => (await runOf(services, id)).status, { timeout }).toBe(status);
  return { worker, ask, runOf, reaches };
}
