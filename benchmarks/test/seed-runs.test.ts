import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import { expect, it } from "vitest";
import { fakeReport } from "../../apps/api/test/support/fake-report.ts";
import { type TestPlatform, testPlatform } from "../../apps/api/test/support/platform.ts";
import { seedRuns } from "../src/load/seed-runs.ts";

it("stores runs as the list and its pages read them", async () => {
  const platform: TestPlatform = await testPlatform();
  try {
    const { prisma } = platform.services;
    const { id, content } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
    const report = fakeReport("recall-gpt2", content as unknown as Task, DEFAULT_SETTINGS);
    await seedRuns(prisma, { report, tasks: [{ id }], count: 40 });
    const finished = await prisma.run.findMany({ where: { status: "SUCCEEDED" }, include: { report: true } });
    expect(finished.length).toBeGreaterThan(30);
    for (const run of finished) {
      expect(run.r2HeldOut).toBe(0.3);
      expect(run.report?.movers).toEqual(report.argumentPassing.movers);
    }
    expect(await prisma.run.count()).toBe(40);
  } finally {
    await platform.stop();
  }
});
