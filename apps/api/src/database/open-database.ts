import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { ApiError } from "../errors.ts";
import { PrismaClient } from "../generated/prisma/client.ts";
import { explainFailure, prepareDataFolder } from "./data-folder.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { applyMigrations } from "./migrate.ts";
import { pgliteAdapter } from "./pglite-adapter.ts";

/** The store: PGlite in a folder of this machine (one process), or PostgreSQL (any number of them). */
export interface Database {
  prisma: PrismaClient;
  /** What the job queue talks to. */
  connection: { kind: "embedded"; pglite: PGlite } | { kind: "postgres"; pool: pg.Pool; url: string };
  /** Lets programs of whoever may read the data folder find this one's server and use it; does nothing on PostgreSQL. */
  publish(url: string, ownerKey: string): Promise<void>;
  close(): Promise<void>;
}
export interface DatabaseOptions {
  dataFolder: string;
  databaseUrl: string | null;
  onStep?: (line: string) => void;
  /** Called when another process took the data folder away: stop writing at once. */
  onLost?: (error: Error) => void;
}

/** Opens the store and applies migrations. @throws ApiError FOLDER_LOCKED, FOLDER_NOT_WRITABLE, DISK_FULL, DATABASE_FAILED */
export const openDatabase = (options: DatabaseOptions): Promise<Database> =>
  options.databaseUrl === null ? openFolder(options) : openServer(options, options.databaseUrl);

async function openFolder({
  dataFolder,
  onStep = () => {},
  onLost = die,
}: DatabaseOptions): Promise<Database> {
  await prepareDataFolder(dataFolder);
  const lock = await lockFolder(dataFolder, onLost);
  const folder = path.join(dataFolder, "db");
  try {
    onStep(
      existsSync(folder)
        ? `opening the database in ${dataFolder}`
        : `making the database in ${dataFolder} (once, some ten seconds)`,
    );
    const pglite = await PGlite.create({ dataDir: folder });
    return await openEmbedded(pglite, { onStep, lock });
  } catch (error) {
    await lock.release().catch(() => {});
    throw await explainFailure(dataFolder, asDatabaseFailure(error, `database ${folder}`));
  }
}

/** A store on a PGlite that is open already. */
export async function openEmbedded(
  pglite: PGlite,
  { onStep = () => {}, lock }: { onStep?: (line: string) => void; lock?: FolderLock } = {},
): Promise<Database> {
  const adapter = pgliteAdapter(pglite);
  onStep("applying migrations");
  await applyMigrations(adapter, { alone: true });
  const prisma = new PrismaClient({ adapter });
  return {
    prisma,
    connection: { kind: "embedded", pglite },
    publish: async (url, ownerKey) => lock?.publish(url, ownerKey),
    close: async () => {
      await prisma.$disconnect();
      await pglite.close();
      await lock?.release();
    },
  };
}

async function openServer({ onStep = () => {} }: DatabaseOptions, url: string): Promise<Database> {
  const { host } = new URL(url);
  onStep(`connecting to PostgreSQL at ${host}`);
  const pool = new pg.Pool({ ...PATIENCE, connectionString: url, max: 10 });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on("error", () => {});
  try {
    await pool.query("select 1");
    onStep("applying migrations");
    await migrateServer(url);
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    return {
      prisma,
      connection: { kind: "postgres", pool, url },
      publish: async () => {},
      close: async () => {
        await prisma.$disconnect();
        // It waits for statements that are under way; one that hangs must not keep the process.
        if (!pool.ended) await Promise.race([pool.end(), pause(CLOSE_MS, undefined, { ref: false })]);
      },
    };
  } catch (error) {
    await pool.end().catch(() => {});
    throw asDatabaseFailure(error, `database at ${host}`);
  }
}

/**
 * A network that swallows packets gives no error: without a limit, whoever asks would wait for ever. Parameters of the address of the same
 * names take precedence.
 */
const PATIENCE = { connectionTimeoutMillis: 10_000, query_timeout: 60_000, keepAlive: true };

const CLOSE_MS = 2_000;

/** On connections of its own: the lock that makes other processes wait ends with its connection only. */
async function migrateServer(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url });
  pool.on("error", () => {});
  try {
    await applyMigrations(new PrismaPg(pool));
  } finally {
    await pool.end();
  }
}

function asDatabaseFailure(error: unknown, where: string): ApiError {
  if (error instanceof ApiError) return error;
  const reason = (error as Error).message || String((error as { code?: unknown }).code ?? error);
  return new ApiError("DATABASE_FAILED", `${where}: cannot be opened (${reason})`, {}, { cause: error });
}

function die(error: Error): never {
  process.stderr.write(`data folder: lost to another process (${error.message}); stopping before any harm\n`);
  process.exit(1);
}
