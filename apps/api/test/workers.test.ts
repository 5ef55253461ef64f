import { describe, expect, it } from "vitest";
import { ApiError } from "../src/errors.ts";
import { GONE_MS } from "../src/jobs/worker-registry.ts";
import { asJson } from "../src/results/json.ts";
import { recoverRuns } from "../src/runs/recover-runs.ts";
import { waitsFor } from "../src/runs/waits-for.ts";
import { finishShard } from "../src/shards/finish-shard.ts";
import { claimShard, releaseEarlier } from "../src/shards/ticket-claims.ts";
import { fakeEngine } from "./support/fake-engine.ts";
import { fakeModel } from "./support/fake-report.ts";
import { postgresPrograms } from "./support/postgres.ts";
import { GB, workersOnPostgres } from "./support/workers.ts";

/** As when the database cannot be reached while a result is stored. */
const unreachable = (message: string) =>
  new ApiError(
    "DATABASE_FAILED",
    message,
    {},
    { cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }) },
  );

/** Several workers on one PostgreSQL. */
describe.skipIf(postgresPrograms === null)("workers", { timeout: 60_000 }, () => {
  const { worker, ask, runOf, reaches } = workersOnPostgres();

  it("share the shards of one run, and each counts once", async () => {
    const [a, b] = [await worker("a"), await worker("b")];
    for (const { engine } of [a, b]) Object.assign(engine, { steps: 8, stepMs: 100 });
    const taken = new Set<string>();
    const { id } = await ask(a.services, 1);
    await expect
      .poll(
        async () => {
          const { shards } = await runOf(a.services, id);
          for (const shard of shards) if (shard.kind === "FACTS" && shard.worker) taken.add(shard.worker);
          return taken.size;
        },
        { timeout: 20_000, interval: 30 },
      )
      .toBe(2);
    expect(
      await a.services.prisma.worker.findMany({ select: { name: true }, orderBy: { name: "asc" } }),
    ).toEqual([{ name: "a" }, { name: "b" }]);
    await reaches(a.services, id, "SUCCEEDED");
    const done = await runOf(a.services, id);
    expect(done.shards).toEqual([]);
    // 2 of FACTS and 1 of SUMMARY, half a second each as the fake engine says, and planning.
    expect((done.receipt as { seconds: number }).seconds).toBeCloseTo(1.5, 1);
    expect(a.engine.begun + b.engine.begun).toBe(1);
    expect(await a.services.prisma.shardPart.count()).toBe(0);
  });

  it("take runs of high priority first, and help with a run only when none waits", async () => {
    const engine = fakeEngine({ steps: 6, stepMs: 50 });
    const one = await worker("one", { engine });
    const first = await ask(one.services, 1);
    await reaches(one.services, first.id, "RUNNING");
    const order = [
      await ask(one.services, 2, { priority: "LOW" }),
      await ask(one.services, 3),
      await ask(one.services, 4, { priority: "HIGH" }),
    ];
    for (const { id } of order) await reaches(one.services, id, "SUCCEEDED");
    const ended = await one.services.prisma.run.findMany({ orderBy: { finishedAt: "asc" } });
    expect(ended.map(({ seed }) => seed)).toEqual([1, 4, 3, 2]);
  });

  it("take only runs that fit their memory", async () => {
    const small = await worker("small", { memory: 8 * GB });
    // 7 billion parameters: 26 GB as float32.
    const summary = { ...fakeModel("demo"), parameters: 7e9 };
    const { prisma } = small.services;
    await ask(small.services, 1);
    await reaches(small.services, (await prisma.run.findFirstOrThrow()).id, "SUCCEEDED");
    const { fingerprint } = await prisma.model.findUniqueOrThrow({ where: { name: "demo" } });
    await prisma.model.update({ where: { name: "demo" }, data: { summary: asJson(summary), fingerprint } });
    const large = await ask(small.services, 2);
    const after = await ask(small.services, 3, { model: "other" });
    await reaches(small.services, after.id, "SUCCEEDED");
    expect((await runOf(small.services, large.id)).status).toBe("QUEUED");
    const why = async () =>
      waitsFor(
        small.services,
        await prisma.run.findUniqueOrThrow({ where: { id: large.id }, include: { model: true } }),
      );
    expect(await why()).toMatch(/32 GB are needed, and the largest has 8\.0 GB .*RECALLSCOPE_MEMORY=32/);
    await worker("large", { memory: 32 * GB });
    expect(await why()).toBeNull();
    await reaches(small.services, large.id, "SUCCEEDED");
  });

  it("begin again when their numbers do not go together, and say so in the end", async () => {
    const [a, b] = [await worker("a"), await worker("b")];
    Object.assign(a.engine, { steps: 8, stepMs: 60, source: "weights of a" });
    Object.assign(b.engine, { steps: 8, stepMs: 60, source: "weights of b" });
    const { id } = await ask(a.services, 1);
    await expect
      .poll(async () => (await runOf(a.services, id)).attempts, { timeout: 20_000 })
      .toBeGreaterThan(1);
    await a.stop();
    // Alone, it finds all parts of its own.
    await reaches(b.services, id, "SUCCEEDED");

    await worker("c", {
      engine: Object.assign(fakeEngine({ steps: 8, stepMs: 60 }), { source: "weights of c" }),
    });
    const next = await ask(b.services, 2);
    await b.services.prisma.run.update({ where: { id: next.id }, data: { attempts: 3 } });
    await reaches(b.services, next.id, "FAILED");
    const { errorCode, errorMessage } = await runOf(b.services, next.id);
    expect(errorCode).toBe("WORKERS_DIFFER");
    expect(errorMessage).toContain("weights of b");
    expect(errorMessage).toContain("weights of c");
  });

  it("try again after a while what may pass, and say meanwhile why they wait", async () => {
    const { engine, services } = await worker("one");
    engine.failure = unreachable("store: it was away");
    const { id } = await ask(services, 1);
    await expect
      .poll(async () => (await runOf(services, id)).message, { timeout: 20_000 })
      .toContain("is tried again: store: it was away");
    engine.failure = null;
    await reaches(services, id, "SUCCEEDED");
  });

  it("end a run at once that the store refuses", async () => {
    const { engine, services } = await worker("one");
    engine.failure = Object.assign(new Error("Unique constraint failed"), {
      name: "PrismaClientKnownRequestError",
      code: "P2002",
    });
    const { id } = await ask(services, 1);
    await reaches(services, id, "FAILED");
    expect(await runOf(services, id)).toMatchObject({ errorCode: "DATABASE_FAILED" });
  });

  it("give up what came back too often, with the last reason", async () => {
    const { engine, services } = await worker("one");
    engine.failure = unreachable("store: it is away for good");
    await services.prisma.$executeRaw`update pgboss.queue set retry_limit = 0`;
    const { id } = await ask(services, 1);
    await reaches(services, id, "FAILED", 40_000);
    const run = await runOf(services, id);
    expect(run).toMatchObject({ errorCode: "RUN_INTERRUPTED", shards: [] });
    expect(run.errorMessage).toContain("store: it is away for good");
    await expect.poll(async () => (await services.queue.counts()).dead).toBe(0);
  });

  it("go on with what a lost ticket left, and count no result of it twice", async () => {
    // It has its hands full: the tickets of this test are its own.
    const alive = await worker("two", { memory: 2 * GB, engine: fakeEngine({ steps: 400, stepMs: 50 }) });
    const busy = await ask(alive.services, 1);
    await reaches(alive.services, busy.id, "RUNNING");
    const db = alive.services;
    const { id } = await ask(db, 2);
    await db.prisma.run.update({
      where: { id },
      data: { status: "RUNNING", startedAt: new Date(), attempts: 1 },
    });
    const plan = {
      plan: {
        facts: [
          { from: 0, to: 2 },
          { from: 2, to: 3 },
        ],
        further: [],
        source: "s",
      },
      fingerprint: null,
      seconds: 1,
    };
    const shard = (await claimShard(db.prisma, { runId: id, id: "job#0" }, "x"))!;
    expect(await claimShard(db.prisma, { runId: id, id: "job2#0" }, "y")).toBeNull();
    expect(await finishShard(db, shard, plan)).toEqual({ stored: true, more: true });
    expect(await finishShard(db, shard, plan)).toEqual({ stored: false, more: false });

    const result = { source: "s", seconds: 1, bytes: new Uint8Array(20_000_000).fill(7), found: null };
    const lost = (await claimShard(db.prisma, { runId: id, id: "job#0" }, "x"))!;
    await releaseEarlier(db.prisma, { runId: id, id: "job#1" });
    const again = (await claimShard(db.prisma, { runId: id, id: "job#1" }, "x"))!;
    expect(again).toMatchObject({ index: lost.index, attempts: 2 });
    expect(await finishShard(db, lost, result)).toEqual({ stored: false, more: false });
    expect(await finishShard(db, again, result)).toEqual({ stored: true, more: false });
    const parts = await db.prisma.shardPart.findMany({ where: { runId: id }, orderBy: { place: "asc" } });
    expect(parts.map(({ bytes }) => bytes.length)).toEqual([2 ** 23, 2 ** 23, 20_000_000 - 2 ** 24]);
  });

  it("find runs whose tickets are gone, as after a restored backup", async () => {
    const { services } = await worker("one", { engine: fakeEngine({ steps: 2, stepMs: 1 }) });
    const { id } = await ask(services, 1);
    await reaches(services, id, "SUCCEEDED");
    const left = await services.prisma.run.update({
      where: { id },
      data: {
        status: "RUNNING",
        shards: { create: { index: 0, kind: "PLAN", status: "CLAIMED", ticket: "gone#3" } },
      },
    });
    await services.prisma.runReport.delete({ where: { runId: left.id } });
    await services.prisma.prompt.deleteMany({ where: { runId: left.id } });
    await services.prisma.runArray.deleteMany({ where: { runId: left.id } });
    // The ticket that finished the run may be on its way out still.
    await expect.poll(() => recoverRuns(services, false), { timeout: 10_000 }).toBe(1);
    services.queue.wake();
    await reaches(services, id, "SUCCEEDED");
  });

  it("are forgotten when they end, and no longer counted when they say nothing", async () => {
    const one = await worker("one");
    const { prisma } = one.services;
    await prisma.worker.create({
      data: {
        id: "01900000-0000-7000-8000-000000000000",
        name: "silent",
        device: "cpu",
        version: "0",
        seenAt: new Date(Date.now() - GONE_MS),
      },
    });
    expect(await prisma.worker.count({ where: { seenAt: { gt: new Date(Date.now() - GONE_MS) } } })).toBe(1);
    const two = await worker("two");
    await one.stop();
    const names = await two.services.prisma.worker.findMany({
      select: { name: true },
      orderBy: { name: "asc" },
    });
    expect(names).toEqual([{ name: "silent" }, { name: "two" }]);
  });
});
