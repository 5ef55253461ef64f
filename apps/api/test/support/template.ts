import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { readMigrations } from "../../src/database/migrate.ts";
import { type Database, openEmbedded } from "../../src/database/open-database.ts";
import { ROOT } from "../../src/env.ts";
import { startQueue } from "../../src/jobs/queue.ts";
import { quiet } from "./quiet.ts";

/** An in-memory database with all tables: loaded from an image that is made once per set of migrations. */
export async function templateDatabase(): Promise<{ pglite: PGlite; database: Database }> {
  const file = await templateFile();
  const pglite = await PGlite.create({ loadDataDir: new Blob([await readFile(file)]) });
  return { pglite, database: await openEmbedded(pglite) };
}

/** The same as a data folder's database: seconds instead of the minute that a busy machine may need for a new one. */
export async function templateFolder(dataFolder: string): Promise<void> {
  const image = new Blob([await readFile(await templateFile())]);
  await mkdir(dataFolder, { recursive: true });
  const pglite = await PGlite.create({ dataDir: path.join(dataFolder, "db"), loadDataDir: image });
  await pglite.close();
}

async function templateFile(): Promise<string> {
  const { migrationDirectories } = await readMigrations();
  const hash = createHash("sha256").update(JSON.stringify(migrationDirectories)).digest("hex").slice(0, 16);
  const folder = path.join(ROOT, "node_modules/.cache/recallscope");
  const file = path.join(folder, `database-${hash}.tar.gz`);
  if (existsSync(file)) return file;
  const pglite = await PGlite.create();
  const database = await openEmbedded(pglite);
  await (await startQueue(database, quiet)).stop();
  const image = await pglite.dumpDataDir("gzip");
  await database.close();
  await mkdir(folder, { recursive: true });
  // Two test files may be here at once: each writes its own, the last one stays.
  await writeFile(`${file}.${process.pid}`, Buffer.from(await image.arrayBuffer()));
  await rename(`${file}.${process.pid}`, file);
  return file;
}
