import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Task } from "@recallscope/engine";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../src/database/open-database.ts";
import { MIGRATIONS_FOLDER } from "../src/database/schema-engine.ts";
import { ROOT } from "../src/env.ts";
import { createLocalBus } from "../src/jobs/bus.ts";
import { deleteModel } from "../src/models/delete-model.ts";
import { tagRuns } from "../src/runs/tag-runs.ts";
import { importTaskFile } from "../src/tasks/import-task.ts";
import { loadTasks } from "../src/tasks/load-tasks.ts";
import { modelsFolder } from "./support/platform.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "./support/postgres.ts";
import { storedRuns } from "./support/stored-runs.ts";

const LOCAL = { id: null, name: "local", role: "ADMIN" } as const;

// PGlite has one connection: whoever waits for whom shows on a server only.
describe.skipIf(postgresPrograms === null)("on PostgreSQL", () => {
  let server: PostgresServer;
  let database: Database;
  let ids: string[];
  beforeAll(async () => {
    server = await startPostgres({ fsync: "off" });
    database = await openDatabase({ dataFolder: "", databaseUrl: await server.createDatabase("library") });
    const { prisma } = database;
    await loadTasks(prisma, path.join(ROOT, "tasks"));
    const models = await modelsFolder("demo", "other");
    ids = (await storedRuns(prisma, models, 6)).map(({ id }) => id);
    await rm(models, { recursive: true });
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  it("many tag the same runs at the same moment, in any order: nobody is blocked, nothing is lost", async () => {
    const { prisma } = database;
    const bus = createLocalBus();
    const names = Array.from({ length: 16 }, (_, i) => `tag ${String(i).padStart(2, "0")}`);
    await Promise.all(
      names.map((name, i) =>
        tagRuns({ prisma, bus }, { ids: i % 2 ? [...ids].reverse() : ids, add: [name], remove: [] }),
      ),
    );
    const rows = await prisma.run.findMany({ where: { id: { in: ids } }, select: { tags: true } });
    expect(rows.map(({ tags }) => tags)).toEqual(ids.map(() => names));
  });

  it("many import one task at the same moment: each content is one version, one of them current", async () => {
    const { prisma } = database;
    const file = (rows: number) => ({
      text: `subject,answer\n${Array.from({ length: rows }, (_, i) => `s${i},a${i}`).join("\n")}`,
      fileName: "table.csv",
      format: null,
      like: null,
      id: "at-once",
      clauses: ["the word of {subject} is"],
    });
    await Promise.all([3, 4, 3, 5, 4, 5, 3].map((rows) => importTaskFile(prisma, file(rows), LOCAL)));
    const versions = await prisma.task.findMany({ where: { slug: "at-once" } });
    expect(versions.map(({ content }) => (content as unknown as Task).version).sort()).toEqual([1, 2, 3]);
    expect(versions.filter(({ current }) => current)).toHaveLength(1);
  });

  it("a model is deleted by one of many, and the others are told that it is not in the list", async () => {
    const { prisma } = database;
    await prisma.model.create({ data: { name: "hub/model", source: "HUB" } });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => deleteModel(prisma, "hub/model")),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a store of an earlier version keeps its tasks as those of the program", async () => {
    const client = new pg.Client({ connectionString: await server.createDatabase("earlier") });
    await client.connect();
    const migrations = (await readdir(MIGRATIONS_FOLDER)).filter((name) => /^\d/.test(name)).sort();
    const at = migrations.findIndex((name) => name.endsWith("_library"));
    const apply = async (names: string[]) => {
      for (const name of names)
        await client.query(await readFile(path.join(MIGRATIONS_FOLDER, name, "migration.sql"), "utf8"));
    };
    await apply(migrations.slice(0, at));
    await client.query(
      `insert into "Task" (id, slug, title, hash, current, content) values (gen_random_uuid(), 'old', 'Old', 'h', true, '{}')`,
    );
    await apply(migrations.slice(at));
    const { rows } = await client.query(`select slug, origin, "createdById" from "Task"`);
    await client.end();
    expect(rows).toEqual([{ slug: "old", origin: "BUNDLED", createdById: null }]);
  });
});
