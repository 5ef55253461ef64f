import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { ROOT } from "../env.ts";

export const SCHEMA_FILE = path.join(ROOT, "prisma/schema.prisma");
export const MIGRATIONS_FOLDER = path.join(ROOT, "prisma/migrations");
export const ALL_TABLES = { externalTables: [], externalEnums: [] };

/**
 * Prisma's own schema engine as WebAssembly, on any database a driver adapter reaches: migrations without a native binary, so that
 * a machine without network can make its database. It keeps the same `_prisma_migrations` table as `prisma migrate deploy`.
 */
export async function openSchemaEngine(
  adapter: SqlMigrationAwareDriverAdapterFactory,
): Promise<SchemaEngine> {
  const module = await loadModule();
  const schema = await readFile(SCHEMA_FILE, "utf8");
  return module.SchemaEngine.new(
    { datamodels: [[SCHEMA_FILE, schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
}

type EngineModule = typeof import("@prisma/schema-engine-wasm/schema_engine_bg") & {
  __wbg_set_wasm(exports: unknown): void;
};
/** The part of the global that TypeScript describes only together with the browser's. */
const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly;
interface WebAssemblyLike {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: Record<string, () => void> & { __wbindgen_start(): void } } }>;
}
let loaded: Promise<EngineModule> | undefined;

/** The package's entry imports its .wasm file, which Node cannot do: the two halves are joined by hand, once. */
function loadModule(): Promise<EngineModule> {
  loaded ??= (async () => {
    const module = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as EngineModule;
    const folder = path.dirname(
      createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg"),
    );
    const bytes = await readFile(path.join(folder, "schema_engine_bg.wasm"));
    const { instance } = await webAssembly.instantiate(bytes, { "./schema_engine_bg.js": module });
    module.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    return module;
  })();
  return loaded;
}
