import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CREATE, codeOf, type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";
import { modelsFolder } from "./support/platform.ts";

let platform: GuardedPlatform;
let secrets: GuardedPlatform["secrets"];
let ask: GuardedPlatform["ask"];
let createRun: GuardedPlatform["createRun"];
let allowed: string;
let forbidden: string;
beforeAll(async () => {
  allowed = await modelsFolder("inside");
  forbidden = await modelsFolder("outside");
  platform = await guardedPlatform({ modelFolders: [allowed] });
  ({ secrets, ask, createRun } = platform);
});
afterAll(async () => {
  await platform.stop();
  for (const folder of [allowed, forbidden]) await rm(folder, { recursive: true });
});

describe("models by path", () => {
  const outcome = async (model: string) => codeOf(await ask(secrets.WRITE, CREATE, { seed: 5, model }));

  it("are opened inside the listed folders only", async () => {
    expect(await outcome(path.join(allowed, "inside"))).toBeUndefined();
    expect(await outcome(path.join(forbidden, "outside"))).toBe("MODEL_NOT_ALLOWED");
    for (const folder of [
      "/etc",
      "/nowhere/at/all",
      allowed,
      "/",
      `${allowed}/../${path.basename(forbidden)}/outside`,
    ])
      expect(await outcome(folder), folder).toBe("MODEL_NOT_ALLOWED");
    expect(await outcome(`${allowed}/inside/../../${path.basename(forbidden)}/outside`)).toBe(
      "MODEL_NOT_ALLOWED",
    );
  });

  it.each(["../models/demo", "a/..", "a/../b", "./demo", "file:///etc", "~/model", "apps/api/../.."])(
    "%s is no name",
    async (name) => expect(await outcome(name)).toMatch(/^MODEL_NOT_(?:FOUND|ALLOWED)$/),
  );

  it("a hub id that is also a folder, seen from where the server was started, is refused", async () => {
    const folder = await mkdtemp(path.join(process.cwd(), "hub-"));
    try {
      await mkdir(path.join(folder, "model"));
      expect(await outcome(`${path.basename(folder)}/model`)).toBe("MODEL_NOT_ALLOWED");
      expect(await outcome(`${path.basename(folder)}/other`)).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("links that lead out are refused, links that stay are followed", async () => {
    await symlink(path.join(forbidden, "outside"), path.join(allowed, "way-out"));
    expect(await outcome(path.join(allowed, "way-out"))).toBe("MODEL_NOT_ALLOWED");
    const sly = path.join(allowed, "sly");
    await mkdir(sly);
    await writeFile(path.join(sly, "config.json"), "{}");
    await symlink("/etc/hostname", path.join(sly, "model.safetensors"));
    expect(await outcome(sly)).toBe("MODEL_NOT_ALLOWED");
    const honest = path.join(allowed, "honest");
    await mkdir(honest);
    await symlink(path.join(allowed, "inside/config.json"), path.join(honest, "config.json"));
    expect(await outcome(honest)).toBeUndefined();
  });

  it("a folder that was changed while its run waited is not opened", async () => {
    platform.engine.stepMs = 300;
    const [busy, folder] = [await createRun(secrets.WRITE, 900), path.join(allowed, "later")];
    await mkdir(folder);
    await writeFile(path.join(folder, "config.json"), "{}");
    const { data } = await ask(secrets.WRITE, CREATE, { seed: 901, model: folder });
    await symlink("/etc/hostname", path.join(folder, "tokenizer.json"));
    platform.engine.stepMs = 5;
    const state = async (id: string) =>
      (await ask(secrets.READ, `query ($id: ID!) { run(id: $id) { status error { code } } }`, { id })).data
        .run;
    await expect.poll(() => state(busy), { timeout: 20_000 }).toMatchObject({ status: "SUCCEEDED" });
    await expect
      .poll(() => state(data.createRun.run.id), { timeout: 20_000 })
      .toEqual({ status: "FAILED", error: { code: "MODEL_NOT_ALLOWED" } });
  });
});

describe("SQL-shaped strings", () => {
  const evil = `'; drop table "Run"; --`;
  it.each([
    [`query ($s: String!) { task(slug: $s) { id } }`, undefined],
    [`query ($s: String!) { runs(filter: { text: $s, model: $s, task: $s }) { totalCount } }`, undefined],
    [`query ($s: String!) { auditEvents(filter: { actor: $s }) { totalCount } }`, undefined],
    [`query ($s: String!) { runs(after: $s) { totalCount edges { cursor } } }`, "BAD_USER_INPUT"],
    [`mutation ($s: String!) { revokeToken(input: { name: $s }) { token { name } } }`, "NOT_FOUND"],
    [`mutation ($s: String!) { createRun(input: { model: $s, task: $s }) { created } }`, "MODEL_NOT_FOUND"],
  ])("are only strings: %s", async (query, code) => {
    expect(codeOf(await ask(secrets.ADMIN, query, { s: evil }))).toBe(code);
    expect(await platform.services.prisma.run.count()).toBeGreaterThan(0);
  });
});
