import { readFile } from "node:fs/promises";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { readMigrations } from "./migrate.ts";
import { pgliteAdapter } from "./pglite-adapter.ts";
import { ALL_TABLES, openSchemaEngine, SCHEMA_FILE } from "./schema-engine.ts";

/** The SQL that is missing between the committed migrations and the schema; null when they agree. */
export async function schemaDrift(schemaFile = SCHEMA_FILE): Promise<string | null> {
  const pglite = await PGlite.create();
  const engine = await openSchemaEngine(pgliteAdapter(pglite));
  try {
    await engine.applyMigrations({ migrationsList: await readMigrations(), filters: ALL_TABLES });
    const files = [{ path: SCHEMA_FILE, content: await readFile(schemaFile, "utf8") }];
    const { exitCode, stdout } = await engine.diff({
      from: { tag: "schemaDatasource", files, configDir: path.dirname(SCHEMA_FILE) },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: true,
      filters: ALL_TABLES,
    });
    return exitCode === 0 ? null : (stdout ?? "");
  } finally {
    await pglite.close();
  }
}
