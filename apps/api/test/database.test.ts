import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaDrift } from "../src/database/drift.ts";
import { openEmbedded } from "../src/database/open-database.ts";
import { SCHEMA_FILE } from "../src/database/schema-engine.ts";
import { readConfig } from "../src/env.ts";
import { fromBytes, toBytes } from "../src/results/float-bytes.ts";
import { redact } from "../src/secrets.ts";
import { templateDatabase } from "./support/template.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-database-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("migrations", () => {
  it("lead to schema.prisma (else: npm run migration -w @recallscope/api -- NAME)", async () => {
    expect(await schemaDrift()).toBeNull();
  });

  it("are noticed when they do not", async () => {
    const changed = path.join(folder, "schema.prisma");
    const text = await readFile(SCHEMA_FILE, "utf8");
    await writeFile(changed, text.replace("  warnings ", "  remark String?\n  warnings "));
    expect(await schemaDrift(changed)).toContain('ADD COLUMN     "remark" TEXT');
  });

  it.each(["before its first statement", "after its last statement"])("survive a kill %s", async (moment) => {
    const { pglite, database } = await templateDatabase();
    await database.prisma.$disconnect();
    // The first migration before it did anything, or the last one when all is done but not yet noted.
    const begun = moment.startsWith("before") ? "min" : "max";
    await pglite.exec(`update _prisma_migrations set finished_at = null, applied_steps_count = 0
      where migration_name = (select ${begun}(migration_name) from _prisma_migrations)`);
    if (moment.startsWith("before")) {
      await pglite.exec(`delete from _prisma_migrations where finished_at is not null`);
      const { rows } = await pglite.query<{ drop: string }>(
        `select format('drop table %I cascade', tablename) as drop from pg_tables
          where schemaname = 'public' and tablename <> '_prisma_migrations'
        union all select format('drop type %I cascade', typname) from pg_type
          where typnamespace = 'public'::regnamespace and typtype = 'e'`,
      );
      await pglite.exec(rows.map(({ drop }) => drop).join(";"));
    }
    for (let i = 0; i < 2; i++) {
      const again = await openEmbedded(pglite);
      expect(await again.prisma.run.count()).toBe(0);
      await again.prisma.$disconnect();
    }
    await pglite.close();
  });

  it("refuse a database of a newer version", async () => {
    const { pglite, database } = await templateDatabase();
    await database.prisma.$disconnect();
    await pglite.exec(`insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
      values ('x', 'y', '99990101000000_future', now(), 1)`);
    await expect(openEmbedded(pglite)).rejects.toMatchObject({
      code: "DATABASE_FAILED",
      message: expect.stringContaining("99990101000000_future"),
    });
    await pglite.close();
  });
});

describe("values", () => {
  it("come back bit by bit, NaN too", () => {
    const bits = Uint32Array.of(0x7fc00001, 0x7f800000, 0x80000000, 0x00000001, 0x3dcccccd);
    const values = new Float32Array(bits.buffer);
    const back = fromBytes(toBytes(values));
    expect(new Uint32Array(back.buffer)).toEqual(bits);
    expect(Number.isNaN(back[0])).toBe(true);
  });

  it("of JSON may hold U+0000 and lone surrogates, as token texts do", async () => {
    const { database } = await templateDatabase();
    const summary = { a: "\u0000", b: "\ud800", c: 1e-300 };
    await database.prisma.model.create({ data: { name: "x", source: "BUNDLED", summary } });
    expect((await database.prisma.model.findFirstOrThrow()).summary).toEqual(summary);
    await database.close();
  });
});

describe("the environment", () => {
  it.each([
    [{ PORT: "http" }, /PORT is "http"/],
    [{ HOST: "0.0.0.0", RECALLSCOPE_ACCESS: "open" }, /RECALLSCOPE_ACCESS.*HOST is "0.0.0.0"/],
    [{ RECALLSCOPE_ACCESS: "closed" }, /RECALLSCOPE_ACCESS.*allowed: open, token/],
    [{ RECALLSCOPE_RATE_LIMIT: "many" }, /RECALLSCOPE_RATE_LIMIT.*0 \(any number\)/],
    [{ DATABASE_URL: "postgresql://user:secret@host:99999/db" }, /DATABASE_URL: allowed/],
    [{ DATABASE_URL: "mysql://user:secret@host/db" }, /DATABASE_URL: allowed/],
    [{ LOG_LEVEL: "loud" }, /LOG_LEVEL is "loud"/],
  ])("%j is refused", (env, message) => {
    let text = "";
    try {
      readConfig(env);
    } catch (error) {
      expect(error).toMatchObject({ code: "BAD_ENVIRONMENT" });
      text = (error as Error).message;
    }
    expect(text).toMatch(message);
    expect(text).not.toContain("secret");
  });

  it("lets others in by a token only, and opens listed folders only for them", () => {
    const told = (env: NodeJS.ProcessEnv) => {
      const { host, allowedHosts, tokensRequired, modelFolders } = readConfig(env);
      return { host, allowedHosts, tokensRequired, modelFolders };
    };
    const local = { host: "127.0.0.1", allowedHosts: ["127.0.0.1"] };
    expect(told({})).toEqual({ ...local, tokensRequired: false, modelFolders: null });
    expect(told({ RECALLSCOPE_ACCESS: "token" })).toEqual({
      ...local,
      tokensRequired: true,
      modelFolders: [],
    });
    const open = { host: "0.0.0.0", allowedHosts: [], tokensRequired: true, modelFolders: [] };
    expect(told({ HOST: "0.0.0.0" })).toEqual(open);
    const named = { RECALLSCOPE_ALLOWED_HOSTS: "Lab.example, lab", RECALLSCOPE_MODEL_FOLDERS: folder };
    expect(told({ HOST: "0.0.0.0", ...named })).toEqual({
      ...open,
      allowedHosts: ["lab.example", "lab"],
      modelFolders: [folder],
    });
  });

  it("takes the password of the database from a file, and hides it like the others", async () => {
    const file = path.join(folder, "password");
    const DATABASE_URL = "postgresql://user@host/db";
    await writeFile(file, "p/w: d\n");
    const { databaseUrl } = readConfig({ DATABASE_URL, DATABASE_PASSWORD_FILE: file });
    expect(decodeURIComponent(new URL(databaseUrl!).password)).toBe("p/w: d");
    expect(redact("it was p/w: d")).not.toContain("p/w: d");
    const both = { DATABASE_URL: "postgresql://user:secret@host/db", DATABASE_PASSWORD_FILE: file };
    expect(() => readConfig(both)).toThrow(/leave one of them out/);
    await writeFile(file, "\n");
    expect(() => readConfig({ DATABASE_URL, DATABASE_PASSWORD_FILE: file })).toThrow(/empty/);
    expect(() => readConfig({ DATABASE_URL, DATABASE_PASSWORD_FILE: "/nowhere" })).toThrow(/ENOENT/);
  });
  it("empty variables count as unset", () => expect(readConfig({ PORT: "" }).port).toBe(3000));
});
