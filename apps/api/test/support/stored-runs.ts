import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import { saveRun } from "../../src/runs/save-run.ts";
import { fakeReport } from "./fake-report.ts";

/**
 * Finished runs of country-capital with seeds from 0, by turns of the models demo and other.
 * @param models folder that has these two
 */
export async function storedRuns(
  prisma: PrismaClient,
  models: string,
  count: number,
): Promise<{ id: string; key: string }[]> {
  const { content } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  const task = content as unknown as Task;
  const runs: { id: string; key: string }[] = [];
  for (let seed = 0; seed < count; seed++) {
    const report = fakeReport(seed % 2 ? "other" : "demo", task, { ...DEFAULT_SETTINGS, seed });
    runs.push(await saveRun(prisma, { task, related: [], report }, { modelsFolder: models, base: models }));
  }
  return runs;
}
