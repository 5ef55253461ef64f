import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { ApiError } from "../errors.ts";
import { ALL_TABLES, MIGRATIONS_FOLDER, openSchemaEngine } from "./schema-engine.ts";

/**
 * Brings a database to the newest migration; on PostgreSQL several processes may do so at once.
 * @param alone no other process can be at the database: a migration that was begun but not finished was cut off, not in progress
 * @returns names of the migrations that were applied
 * @throws ApiError DATABASE_FAILED when the database is newer than this program, or a migration fails
 */
export async function applyMigrations(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  { alone = false } = {},
): Promise<string[]> {
  const engine = await openSchemaEngine(adapter);
  const migrationsList = await readMigrations();
  try {
    const { history, failedMigrationNames } = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: ALL_TABLES,
    });
    if (history && history.diagnostic !== "databaseIsBehind") {
      throw new ApiError(
        "DATABASE_FAILED",
        `database: it holds migrations that this copy does not know (${history.unpersistedMigrationNames.join(", ")}): update this copy, or use another database`,
      );
    }
    if (alone) for (const name of failedMigrationNames) await finishInterrupted(engine, migrationsList, name);
    return (await engine.applyMigrations({ migrationsList, filters: ALL_TABLES })).appliedMigrationNames;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError("DATABASE_FAILED", `migrations: ${(error as Error).message}`, {}, { cause: error });
  }
}

/**
 * A process died between the start and the end of a migration. Its statements are one transaction, so all of them were applied or
 * none: the second attempt either works, or fails because what it makes is there, or what it drops is gone.
 */
async function finishInterrupted(engine: SchemaEngine, migrationsList: MigrationList, name: string) {
  await engine.markMigrationRolledBack({ migrationName: name });
  try {
    await engine.applyMigrations({ migrationsList, filters: ALL_TABLES });
  } catch (error) {
    if (!/already exists|does not exist/.test((error as Error).message)) throw error;
    await engine.markMigrationRolledBack({ migrationName: name });
    await engine.markMigrationApplied({ migrationName: name, migrationsList });
  }
}

export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const read = (...place: string[]) => readFile(path.join(folder, ...place), "utf8");
  return {
    baseDir: folder,
    lockfile: { path: "migration_lock.toml", content: await read("migration_lock.toml").catch(() => null) },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok" as const, value: await read(name, "migration.sql") },
        },
      })),
    ),
  };
}
