import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DEFAULT_SETTINGS, type Device, type DeviceChoice } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../src/env.ts";
import { createRun } from "../src/runs/create-run.ts";
import { missingDevices } from "../src/runs/missing-devices.ts";
import { waitsFor } from "../src/runs/waits-for.ts";
import type { Services } from "../src/services.ts";
import { startWorker } from "../src/start.ts";
import { fakeEngine } from "./support/fake-engine.ts";
import { modelsFolder } from "./support/platform.ts";
import { postgresPrograms } from "./support/postgres.ts";
import { quiet } from "./support/quiet.ts";
import { templateFolder } from "./support/template.ts";
import { workersOnPostgres } from "./support/workers.ts";

/** Computes on a device: slowly enough for others to come in between. */
const engineOn = (device: Device, stepMs = 100) =>
  Object.assign(fakeEngine({ steps: 8, stepMs }), { source: `weights, device ${device}` });

describe.skipIf(postgresPrograms === null)("workers with other devices", { timeout: 60_000 }, () => {
  const { worker, ask, runOf, reaches } = workersOnPostgres();
  const isPlanned = (services: Services, id: string) =>
    expect.poll(async () => (await runOf(services, id)).source, { timeout: 20_000 }).not.toBeNull();
  const tickets = ({ prisma }: Services, id: string) =>
    prisma.$queryRaw<{ group: string | null; later: boolean }[]>`
      select group_id as group, start_after > now() + interval '30 seconds' as later from pgboss.job
      where data->>'runId' = ${id} and state < 'active'`;

  /** A run that a worker with webgpu began, and left in good order. */
  async function begunOnWebgpu() {
    const gpu = await worker("gpu", { engine: engineOn("webgpu", 1_500), device: "webgpu" });
    const { id } = await ask(gpu.services, 1);
    await isPlanned(gpu.services, id);
    await gpu.stop();
    return id;
  }

  it("leave shards to those with the device that began the run, and go on with others", async () => {
    const cpu = await worker("cpu", { engine: engineOn("cpu", 3_000) });
    const first = await ask(cpu.services, 1);
    await isPlanned(cpu.services, first.id);
    const gpu = await worker("gpu", { engine: engineOn("webgpu", 5), device: "webgpu" });
    const second = await ask(gpu.services, 2);
    await reaches(gpu.services, second.id, "SUCCEEDED");
    const meanwhile = await runOf(gpu.services, first.id);
    expect(meanwhile.shards.map(({ kind, status, worker }) => [kind, status, worker])).toEqual([
      ["PLAN", "DONE", "cpu"],
      ["FACTS", "CLAIMED", "cpu"],
      ["FACTS", "WAITING", null],
    ]);
    cpu.engine.stepMs = 5;
    await reaches(cpu.services, first.id, "SUCCEEDED");
    const runs = [await runOf(cpu.services, first.id), await runOf(cpu.services, second.id)];
    expect(runs.map(({ source, attempts }) => [source, attempts])).toEqual([
      ["weights, device cpu", 1],
      ["weights, device webgpu", 1],
    ]);
  });

  it("help with a run of their own device", async () => {
    const id = await begunOnWebgpu();
    const { services } = await worker("cpu", { engine: engineOn("cpu") });
    const gpus = [
      await worker("gpu1", { engine: engineOn("webgpu", 1_500), device: "webgpu" }),
      await worker("gpu2", { engine: engineOn("webgpu", 1_500), device: "webgpu" }),
    ];
    const taken = new Set<string>();
    await expect
      .poll(
        async () => {
          const { shards } = await runOf(services, id);
          for (const { kind, worker } of shards) if (kind === "FACTS" && worker) taken.add(worker);
          return [...taken].sort();
        },
        { timeout: 20_000, interval: 30 },
      )
      .toEqual(["gpu1", "gpu2"]);
    for (const { engine } of gpus) engine.stepMs = 5;
    await reaches(services, id, "SUCCEEDED");
    expect(await runOf(services, id)).toMatchObject({
      attempts: 1,
      source: "weights, device webgpu",
    });
  });

  it("pass on a ticket from before the run was planned", async () => {
    const id = await begunOnWebgpu();
    const { services, engine } = await worker("cpu", { engine: engineOn("cpu") });
    const before = await tickets(services, id);
    expect(new Set(before.map(({ group }) => group))).toEqual(new Set(["webgpu"]));
    await services.prisma.$executeRaw`update pgboss.job set group_id = null where data->>'runId' = ${id}`;
    services.queue.wake();
    await expect.poll(() => tickets(services, id), { timeout: 10_000 }).toEqual(before);
    await reaches(services, id, "QUEUED");
    const { shards } = await runOf(services, id);
    // Taking it up and leaving it counts for nothing.
    expect(shards.map(({ kind, status, attempts }) => [kind, status, attempts])).toEqual([
      ["PLAN", "DONE", 1],
      ["FACTS", "WAITING", 0],
      ["FACTS", "WAITING", 0],
    ]);
    expect(engine.begun).toBe(0);
  });

  it("leave for a while what `auto` would compute on another device, and go on with what it would not", async () => {
    const id = await begunOnWebgpu();
    const { services } = await worker("cpu", { engine: engineOn("cpu") });
    const before = await tickets(services, id);
    const slow = await worker("slow", { engine: engineOn("cpu"), device: "auto" });
    await expect
      .poll(async () => (await tickets(slow.services, id)).map(({ later }) => later), { timeout: 10_000 })
      .toEqual(before.map(() => true));
    await reaches(slow.services, id, "QUEUED");
    expect((await runOf(slow.services, id)).attempts).toBe(1);
    await slow.stop();
    const fast = await worker("fast", { engine: engineOn("webgpu"), device: "auto" });
    await fast.services.prisma.$executeRaw`update pgboss.job set start_after = now()`;
    fast.services.queue.wake();
    await reaches(fast.services, id, "SUCCEEDED");
    expect(await runOf(fast.services, id)).toMatchObject({ attempts: 1, source: "weights, device webgpu" });
  });

  it("take the runs that were asked for on their device, and no others of them", async () => {
    const cpu = await worker("cpu", { engine: engineOn("cpu", 5) });
    await worker("gpu", { engine: engineOn("webgpu", 5), device: "webgpu" });
    const { services } = cpu;
    const wanted = await ask(services, 3, { device: "webgpu" });
    // Maybe taken up already.
    const [{ group } = {}] = await services.prisma.$queryRaw<{ group?: string }[]>`
      select group_id as group from pgboss.job where data->>'runId' = ${wanted.id} order by created_on`;
    expect(group).toBe("webgpu");
    expect(await ask(services, 3, { device: "webgpu" })).toEqual({ id: wanted.id, created: false });
    await reaches(services, wanted.id, "SUCCEEDED");
    const stored = await runOf(services, wanted.id);
    expect([stored.device, stored.source]).toEqual(["webgpu", "weights, device webgpu"]);
    // The fake engine's receipts name the CPU whatever it computes on.
    await services.prisma.run.update({
      where: { id: wanted.id },
      data: { receipt: { ...(stored.receipt as object), device: "webgpu" } },
    });
    expect(await ask(services, 3, { device: "webgpu" })).toEqual({ id: wanted.id, created: false });
    expect(await ask(services, 3)).toEqual({ id: wanted.id, created: false });
    const other = await ask(services, 3, { device: "cpu" });
    expect(other.created).toBe(true);
    await reaches(services, other.id, "SUCCEEDED");
    expect((await runOf(services, other.id)).source).toBe("weights, device cpu");
    await expect(ask(services, 3, { device: "cuda" })).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringContaining("no worker computes on it, workers have cpu, webgpu"),
    });
  });

  it("wait for the device that a run was asked for on, for as long as it takes", async () => {
    const { services } = await worker("cpu", { engine: engineOn("cpu", 5) });
    const gpu = await worker("gpu", { engine: engineOn("webgpu", 1_500), device: "webgpu" });
    const { id } = await ask(services, 1, { device: "webgpu" });
    await isPlanned(services, id);
    await gpu.stop();
    expect(await missingDevices(services, 0)()).toBe(0);
    expect(await runOf(services, id)).toMatchObject({
      status: "QUEUED",
      message: "waits for a worker with device webgpu, as it was asked for",
    });
    await worker("gpu2", { engine: engineOn("webgpu", 5), device: "webgpu" });
    await reaches(services, id, "SUCCEEDED");
    expect(await runOf(services, id)).toMatchObject({ attempts: 1, source: "weights, device webgpu" });
  });

  it("leave runs in float16 to those that have it", async () => {
    const { services } = await worker("cpu", { engine: engineOn("cpu", 5) });
    const plain = await worker("plain", { engine: engineOn("webgpu", 5), device: "webgpu" });
    const half = (seed: number) => ({
      settings: { ...DEFAULT_SETTINGS, analyses: [], seed, precision: "F16" as const },
    });
    await expect(ask(services, 1, half(1))).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringMatching(
        /^precision F16: no worker has products in float16, workers have cpu, webgpu/,
      ),
    });
    const source = "able's weights, device webgpu";
    const ableEngine = () => Object.assign(engineOn("webgpu", 5), { source });
    const able = await worker("able", { engine: ableEngine(), device: "webgpu", float16: true });
    await expect(ask(services, 1, { ...half(1), device: "cpu" })).rejects.toThrow(
      /^precision F16: no worker with device cpu has products in float16/,
    );
    const { id } = await ask(services, 1, half(1));
    await reaches(services, id, "SUCCEEDED");
    expect((await runOf(services, id)).source).toBe(source);

    able.engine.stepMs = 1_500;
    const begun = (await ask(services, 2, half(2))).id;
    await isPlanned(services, begun);
    await able.stop();
    // It has one device with the other worker, and not what it needs there.
    await plain.services.queue.wake();
    // However long it waits: what other workers have would not do.
    expect(await missingDevices(services, 0)()).toBe(0);
    expect(await runOf(services, begun)).toMatchObject({
      status: "QUEUED",
      message: "waits for a worker with device webgpu and float16, which computed its first parts",
    });
    const asked = await services.prisma.run.findUniqueOrThrow({
      where: { id: begun },
      include: { model: true },
    });
    expect(await waitsFor(services, asked)).toBe(
      "no worker has device webgpu and float16 (start one with RECALLSCOPE_DEVICE=webgpu)",
    );
    expect((await tickets(services, begun)).map(({ group }) => group)).toContain("webgpu float16");
    // What is there already needs no worker.
    expect(await ask(services, 1, half(1))).toEqual({ id, created: false });
    await worker("again", { engine: ableEngine(), device: "auto", float16: true });
    expect(await waitsFor(services, asked)).toBeNull();
    await reaches(services, begun, "SUCCEEDED");
    expect((await runOf(services, begun)).attempts).toBe(1);
  });

  it("show themselves before a slow driver has said whether it has float16, and afterwards anew", async () => {
    let answer: (has: boolean) => void = () => {};
    const float16 = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const { services } = await worker("slow", { engine: engineOn("webgpu", 5), device: "webgpu", float16 });
    const shown = async () => (await services.prisma.worker.findFirstOrThrow()).float16;
    expect(await shown()).toBe(false);
    answer(true);
    await expect.poll(shown).toBe(true);
    const settings = { ...DEFAULT_SETTINGS, analyses: [], precision: "F16" as const };
    const { id } = await ask(services, 1, { settings });
    await reaches(services, id, "SUCCEEDED");
  });

  it("begin a run anew, after a while, whose device no worker has any more", async () => {
    const id = await begunOnWebgpu();
    const { services } = await worker("cpu", { engine: engineOn("cpu", 5) });
    const patient = missingDevices(services);
    expect(await patient()).toBe(0);
    expect(await runOf(services, id)).toMatchObject({
      status: "QUEUED",
      message: "waits for a worker with device webgpu, which computed its first parts",
    });
    const gone = missingDevices(services, 0);
    const other = await worker("gpu", { engine: engineOn("webgpu"), device: "webgpu", memory: 2 ** 31 });
    await other.services.prisma.$executeRaw`update pgboss.job set start_after = now() + interval '1 hour'`;
    expect(await gone()).toBe(0);
    await other.stop();
    expect(await gone()).toBe(1);
    await reaches(services, id, "SUCCEEDED");
    expect(await runOf(services, id)).toMatchObject({ attempts: 2, source: "weights, device cpu" });
    expect((await tickets(services, id)).filter(({ group }) => group === "webgpu")).toEqual([]);
  });
});

describe("the only worker of a store", { timeout: 60_000 }, () => {
  let folder: string;
  let models: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-devices-"));
    models = await modelsFolder("demo");
    await templateFolder(folder);
  });
  afterAll(async () => {
    for (const made of [folder, models]) await rm(made, { recursive: true, force: true });
  });
  const startOn = (device: DeviceChoice, engine: ReturnType<typeof engineOn>) =>
    startWorker({
      config: {
        ...readConfig({}),
        dataFolder: folder,
        modelsFolder: models,
        worker: { enabled: true, name: "one", memory: null, threads: null, device },
      },
      engines: { runs: engine, interactive: engine, live: engine },
      log: quiet,
    });

  it("refuses a run that was asked for on a device which it has not any more", async () => {
    const before = await startOn("cpu", engineOn("cpu", 1_500));
    const { id } = await createRun(before.services, {
      model: "demo",
      task: "country-capital",
      settings: { ...DEFAULT_SETTINGS, analyses: [] },
      force: true,
      device: "cpu",
    });
    await before.stop();
    const { services, stop } = await startOn("auto", engineOn("webgpu", 5));
    try {
      await expect
        .poll(async () => (await services.prisma.run.findUniqueOrThrow({ where: { id } })).status, {
          timeout: 20_000,
        })
        .toBe("FAILED");
      const run = await services.prisma.run.findUniqueOrThrow({ where: { id }, include: { model: true } });
      expect(run.errorCode).toBe("DEVICE_UNUSABLE");
      expect(run.errorMessage).toMatch(/asked for on cpu, and this server computes it on webgpu/);
      expect(run.model.errorCode).toBeNull();
    } finally {
      await stop();
    }
  });

  it.each(["webgpu", "auto"] as const)(
    "begins a run anew after it was started with another device: %s",
    async (device) => {
      const before = await startOn("cpu", engineOn("cpu", 1_500));
      const { id } = await createRun(before.services, {
        model: "demo",
        task: "country-capital",
        settings: { ...DEFAULT_SETTINGS, analyses: [] },
        force: true,
      });
      const sourceIn = async ({ prisma }: Services) =>
        (await prisma.run.findUniqueOrThrow({ where: { id } })).source;
      await expect.poll(() => sourceIn(before.services), { timeout: 20_000 }).toBe("weights, device cpu");
      await before.stop();

      const { services, stop } = await startOn(device, engineOn("webgpu", 5));
      const runs = services.prisma.run;
      try {
        await expect
          .poll(async () => (await runs.findUniqueOrThrow({ where: { id } })).status, { timeout: 20_000 })
          .toBe("SUCCEEDED");
        expect(await runs.findUniqueOrThrow({ where: { id } })).toMatchObject({
          source: "weights, device webgpu",
          attempts: 2,
        });
      } finally {
        await stop();
      }
    },
  );
});
