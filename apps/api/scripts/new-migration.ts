/**
 * `npm run migration -w @recallscope/api -- NAME` writes the next migration of prisma/schema.prisma;
 * `... -- --check` fails when the migrations do not lead to the schema. Offline: on an in-memory database.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { schemaDrift } from "../src/database/drift.ts";
import { MIGRATIONS_FOLDER } from "../src/database/schema-engine.ts";

const [argument] = process.argv.slice(2);
if (argument === undefined || !/^(?:--check|[a-z][a-z0-9_]*)$/.test(argument)) {
  console.error("usage: npm run migration -w @recallscope/api -- name_of_the_change | --check");
  process.exit(2);
}
const sql = await schemaDrift();
if (argument === "--check") {
  if (sql !== null) {
    console.error(
      `prisma/migrations do not lead to prisma/schema.prisma: npm run migration -w @recallscope/api -- NAME\n\n${sql}`,
    );
    process.exit(1);
  }
  console.log("prisma/migrations lead to prisma/schema.prisma");
} else if (sql === null) {
  console.log("nothing to do: prisma/migrations lead to prisma/schema.prisma");
} else {
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = path.join(MIGRATIONS_FOLDER, `${stamp}_${argument}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "migration.sql"), sql);
  await writeFile(path.join(MIGRATIONS_FOLDER, "migration_lock.toml"), 'provider = "postgresql"\n');
  console.log(`wrote ${path.relative(process.cwd(), folder)}/migration.sql`);
}
process.exit(0);
