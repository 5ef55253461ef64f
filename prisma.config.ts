import path from "node:path";
import { defineConfig } from "prisma/config";

// Generating the client needs no schema engine, yet the CLI downloads one unless told where it is: any executable will do.
if (process.argv.includes("generate")) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: path.join(import.meta.dirname, "prisma/schema.prisma"),
  migrations: { path: path.join(import.meta.dirname, "prisma/migrations") },
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
