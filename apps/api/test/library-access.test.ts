import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { BUNDLE_MEDIA } from "../src/exports/index.ts";
import { bearer, codeOf, type GuardedPlatform, guardedPlatform } from "./support/guarded-platform.ts";

let platform: GuardedPlatform;
beforeAll(async () => {
  platform = await guardedPlatform();
});
afterAll(() => platform.stop());

const CREATE_STUDY = `mutation ($name: String!, $model: String!) { createStudy(input: { name: $name, models: [$model], tasks: ["country-capital"] }) {
  study { createdBy cells { edges { node { run { id createdBy } } } } } } }`;
const DELETE_STUDY = `mutation ($id: ID!) { deleteStudy(input: { id: $id }) { deletedId } }`;
const eventsOf = async (action: string) =>
  (await platform.services.prisma.auditEvent.findMany({ where: { action }, orderBy: { id: "asc" } })).map(
    ({ actor, subject, outcome }) => [actor, subject?.replace(/[0-9a-f-]{36}/, "ID"), outcome],
  );

describe("a study", () => {
  it("and its runs belong to who made it, who may remove it, as an admin may", async () => {
    const { ask, secrets } = platform;
    const made = await ask(secrets.WRITE, CREATE_STUDY, { name: "mine", model: "demo" });
    const { study } = made.data.createStudy;
    expect(study.createdBy).toBe("WRITE");
    expect(study.cells.edges[0].node.run.createdBy).toBe("WRITE");
    const mine = await ask(
      secrets.READ,
      `{ studies(filter: { createdBy: "WRITE" }) { totalCount } runs(filter: { createdBy: "WRITE" }) { totalCount } none: runs(filter: { createdBy: "other" }) { totalCount } }`,
    );
    expect(mine.data).toEqual({
      studies: { totalCount: 1 },
      runs: { totalCount: 1 },
      none: { totalCount: 0 },
    });
    const refused = await ask(secrets.OTHER, DELETE_STUDY, { id: "mine" });
    expect([codeOf(refused), refused.errors?.[0]?.message]).toEqual([
      "FORBIDDEN",
      expect.stringMatching(/study mine: belongs to somebody else.*role admin/),
    ]);
    expect(codeOf(await ask(secrets.WRITE, DELETE_STUDY, { id: "mine" }))).toBeUndefined();
    await ask(secrets.WRITE, CREATE_STUDY, { name: "again", model: "demo" });
    expect(codeOf(await ask(secrets.ADMIN, DELETE_STUDY, { id: "again" }))).toBeUndefined();
    expect(await eventsOf("deleteStudy")).toEqual([
      ["other", "id=mine", "FORBIDDEN"],
      ["WRITE", "id=mine id=ID", "OK"],
      ["ADMIN", "id=again id=ID", "OK"],
    ]);
    // Of this machine's own user: nobody with a token made it.
    await platform.services.prisma.study.create({ data: { name: "local", settings: [] } });
    expect(codeOf(await ask(secrets.WRITE, DELETE_STUDY, { id: "local" }))).toBe("FORBIDDEN");
    expect(codeOf(await ask(secrets.READ, DELETE_STUDY, { id: "local" }))).toBe("FORBIDDEN");
    expect(await platform.services.prisma.study.count({ where: { name: "local" } })).toBe(1);
    expect(codeOf(await ask(secrets.ADMIN, DELETE_STUDY, { id: "local" }))).toBeUndefined();
    expect((await eventsOf("createStudy"))[0]).toEqual([
      "WRITE",
      "models=demo name=mine tasks=country-capital id=ID",
      "OK",
    ]);
  });
});

it("a saved comparison belongs to who made it, and anybody who writes may change it", async () => {
  const { ask, secrets } = platform;
  const id = await platform.createRun(secrets.WRITE, 601);
  const saved = await ask(
    secrets.WRITE,
    `mutation ($id: ID!) { createComparison(input: { name: "view", runs: [$id] }) { comparison { createdBy } } }`,
    { id },
  );
  expect(saved.data.createComparison.comparison.createdBy).toBe("WRITE");
  const renamed = await ask(
    secrets.OTHER,
    `mutation { updateComparison(input: { id: "view", name: "seen" }) { comparison { name createdBy } } }`,
  );
  expect(renamed.data.updateComparison.comparison).toEqual({ name: "seen", createdBy: "WRITE" });
  const DELETE = `mutation { deleteComparison(input: { id: "seen" }) { deletedId } }`;
  for (const role of ["READ", "OTHER"] as const)
    expect(codeOf(await ask(secrets[role], DELETE))).toBe("FORBIDDEN");
  expect(await platform.services.prisma.comparison.count()).toBe(1);
  expect(codeOf(await ask(secrets.WRITE, DELETE))).toBeUndefined();
  // Of this machine's own user: nobody with a token made it.
  await platform.services.prisma.comparison.create({ data: { name: "seen", baseline: 0, state: "" } });
  expect(codeOf(await ask(secrets.WRITE, DELETE))).toBe("FORBIDDEN");
  expect(codeOf(await ask(secrets.ADMIN, DELETE))).toBeUndefined();
  expect(await eventsOf("deleteComparison")).toEqual([
    ["READ", "id=seen", "FORBIDDEN"],
    ["other", "id=seen", "FORBIDDEN"],
    ["WRITE", "id=seen id=ID", "OK"],
    ["WRITE", "id=seen", "FORBIDDEN"],
    ["ADMIN", "id=seen id=ID", "OK"],
  ]);
});

it("an event names the runs that were tagged", async () => {
  const { ask, secrets } = platform;
  const id = await platform.createRun(secrets.WRITE, 602);
  await ask(
    secrets.WRITE,
    `mutation ($id: ID!) { tagRuns(input: { runs: [$id], add: ["x"] }) { runs { id } } }`,
    { id },
  );
  expect(await eventsOf("tagRuns")).toEqual([["WRITE", `runs=${id}`, "OK"]]);
});

it("an imported run belongs to who imports it", async () => {
  const { ask, secrets, services, url } = platform;
  await platform.createRun(secrets.OTHER, 501);
  const run = await vi.waitFor(
    () => services.prisma.run.findFirstOrThrow({ where: { seed: 501, status: "SUCCEEDED" } }),
    { timeout: 20_000 },
  );
  const bundle = await fetch(`${url}/runs/${run.id}/run.bundle`, { headers: bearer(secrets.READ) });
  const body = await bundle.arrayBuffer();
  await services.prisma.run.delete({ where: { id: run.id } });
  const answer = await fetch(`${url}/runs/import`, {
    method: "POST",
    headers: { "content-type": BUNDLE_MEDIA, ...bearer(secrets.WRITE) },
    body,
  });
  expect(answer.status).toBe(201);
  const imported = ((await answer.json()) as { id: string }).id;
  const seen = await ask(secrets.READ, `query ($id: ID!) { run(id: $id) { createdBy } }`, { id: imported });
  expect(seen.data.run).toEqual({ createdBy: "WRITE" });
  const DELETE = `mutation ($id: ID!) { deleteRun(input: { id: $id }) { deletedId } }`;
  expect(codeOf(await ask(secrets.OTHER, DELETE, { id: imported }))).toBe("FORBIDDEN");
  expect(codeOf(await ask(secrets.WRITE, DELETE, { id: imported }))).toBeUndefined();
});

describe("a model", () => {
  const DELETE = `mutation ($name: String!) { deleteModel(input: { name: $name }) { deletedId } }`;
  const deleted = async (name: string) => {
    const answer = await platform.ask(platform.secrets.WRITE, DELETE, { name });
    return answer.errors?.[0]?.message ?? codeOf(answer) ?? "OK";
  };

  it("leaves the list when nothing uses it, and can be added again", async () => {
    const { services } = platform;
    await services.prisma.model.create({ data: { name: "hub/added", source: "HUB" } });
    expect(await deleted("hub/added")).toBe("OK");
    expect(await deleted("hub/added")).toMatch(/model hub\/added: is not in the list/);
    expect(await services.prisma.model.count({ where: { name: "hub/added" } })).toBe(0);
  });

  it("stays while runs or studies use it, and when it came with this copy", async () => {
    const { services, secrets, ask } = platform;
    expect(await deleted("demo")).toMatch(/came with this copy/);
    const made = await ask(secrets.WRITE, CREATE_STUDY, { name: "uses", model: "owner/used" });
    expect(made.errors).toBeUndefined();
    expect(await deleted("owner/used")).toMatch(/1 run uses it: delete these first/);
    await services.prisma.run.deleteMany({ where: { model: { name: "owner/used" } } });
    expect(await deleted("owner/used")).toMatch(/stands in a study/);
    await ask(secrets.WRITE, DELETE_STUDY, { id: "uses" });
    expect(await deleted("owner/used")).toBe("OK");
  });
});
