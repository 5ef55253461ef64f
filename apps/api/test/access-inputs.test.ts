import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refuseFoldersOutside } from "../src/models/allowed-folders.ts";
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
    const file = path.join(allowed, "way-out.gguf");
    await symlink(path.join(forbidden, "outside/config.json"), file);
    expect(await outcome(file)).toBe("MODEL_NOT_ALLOWED");
  });

  const stateOf = async (id: string) =>
    (await ask(secrets.READ, `query ($id: ID!) { run(id: $id) { status error { code } } }`, { id })).data.run;
  const ends = (id: string, state: object) =>
    expect.poll(() => stateOf(id), { timeout: 20_000 }).toEqual({ error: null, ...state });
  const modelIn = async (folder: string) => {
    await mkdir(folder);
    await writeFile(path.join(folder, "config.json"), "{}");
    return folder;
  };
  /** Queues a run of a model behind a slow one, and changes what lies on the disk before its turn comes. */
  const changedWhileItWaits = async (seed: number, model: string, change: () => Promise<unknown>) => {
    platform.engine.stepMs = 300;
    const busy = await createRun(secrets.WRITE, seed);
    const { data } = await ask(secrets.WRITE, CREATE, { seed, model });
    await change();
    platform.engine.stepMs = 5;
    await ends(busy, { status: "SUCCEEDED" });
    await ends(data.createRun.run.id, { status: "FAILED", error: { code: "MODEL_NOT_ALLOWED" } });
  };

  it("a folder that was changed while its run waited is not opened", async () => {
    const folder = await modelIn(path.join(allowed, "later"));
    await changedWhileItWaits(900, folder, () =>
      symlink("/etc/hostname", path.join(folder, "tokenizer.json")),
    );
  });

  it("a hub id that became a folder while its run waited is not opened", async () => {
    const folder = await mkdtemp(path.join(process.cwd(), "hub-"));
    try {
      const model = path.join(folder, "model");
      await changedWhileItWaits(901, path.relative(process.cwd(), model), () => modelIn(model));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("a folder that was changed after its run is not opened for a live question", async () => {
    const folder = await modelIn(path.join(allowed, "asked"));
    const { data } = await ask(secrets.WRITE, CREATE, { seed: 902, model: folder });
    const { id } = data.createRun.run;
    await ends(id, { status: "SUCCEEDED" });
    const question = async () =>
      codeOf(
        await ask(secrets.READ, `query ($id: ID!) { livePrompt(input: { run: $id, prompt: 0 }) { index } }`, {
          id,
        }),
      );
    expect(await question()).toBeUndefined();
    await symlink("/etc/hostname", path.join(folder, "tokenizer.json"));
    expect(await question()).toBe("MODEL_NOT_ALLOWED");
  });
});

describe("a folder of models", () => {
  const MODELS = "/nowhere/models";
  const LISTED = ["/nowhere/listed"];
  it.each([
    ["a folder in it", "/nowhere/listed/a", LISTED, true],
    ["a folder in one in it, with dots for a name", "/nowhere/listed/a/..b", LISTED, true],
    ["a bundled model", "/nowhere/models/a", LISTED, true],
    ["itself", "/nowhere/listed", LISTED, false],
    ["the one that holds it", "/nowhere", LISTED, false],
    ["one beside it whose name begins like its own", "/nowhere/listed-not/a", LISTED, false],
    ["a way out", "/nowhere/listed/../a", LISTED, false],
    ["any other where none is listed", "/nowhere/listed/a", [], false],
    ["any other where no list is kept", "/nowhere/a", null, true],
  ] as const)("%s", async (_name, folder, listed, opens) => {
    const refused = refuseFoldersOutside(folder, MODELS, listed);
    if (opens) await expect(refused).resolves.toBeUndefined();
    else await expect(refused).rejects.toMatchObject({ code: "MODEL_NOT_ALLOWED" });
  });

  it("may itself be listed by a link", async () => {
    const link = `${allowed}-link`;
    await symlink(allowed, link);
    try {
      await expect(
        refuseFoldersOutside(path.join(link, "inside"), "/nowhere", [link]),
      ).resolves.toBeUndefined();
    } finally {
      await rm(link);
    }
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
