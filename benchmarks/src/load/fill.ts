import path from "node:path";
import { DEFAULT_SETTINGS, type RunReport, type Task } from "@recallscope/engine";
import { createEngineClient } from "@recallscope/engine/worker";
import { openDatabase } from "../../../apps/api/src/database/open-database.ts";
import { ROOT } from "../../../apps/api/src/env.ts";
import { loadTasks } from "../../../apps/api/src/tasks/load-tasks.ts";
import { query } from "../../../apps/api/test/support/postgres.ts";
import { COMPARED, COMPARED_BESIDE } from "./load-report.ts";
import { seedCompared, seedRuns } from "./seed-runs.ts";
import { widenReport } from "./widen-report.ts";

type Seeding = {
  prisma: Awaited<ReturnType<typeof openDatabase>>["prisma"];
  tasks: { id: string }[];
  report: RunReport;
};

/** Opens an empty database with the bundled tasks and one report to multiply, and leaves it ready for queries. */
export async function filling<T>(
  url: string,
  say: (line: string) => void,
  seed: (seeding: Seeding) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ databaseUrl: url, dataFolder: "" });
  const { prisma } = database;
  const problems = await loadTasks(prisma, path.join(ROOT, "tasks"));
  if (problems.length > 0) throw new Error(`tasks cannot be stored: ${problems.join("; ")}`);
  const tasks = await prisma.task.findMany({ orderBy: { slug: "asc" } });
  say("measuring one real run");
  const report = await realReport(tasks.find(({ slug }) => slug === "country-capital")!.content);
  const result = await seed({ prisma, tasks, report });
  await database.close();
  await query(url, "vacuum analyze");
  return result;
}

/** Fills an empty database. @returns ids of the runs to compare, by shape */
export const fill = (
  url: string,
  runs: number,
  say: (line: string) => void,
): Promise<{ name: string; ids: string[] }[]> =>
  filling(url, say, async ({ prisma, tasks, report }) => {
    say(`storing ${runs} runs`);
    await seedRuns(prisma, { report, tasks, count: runs });
    const compared: { name: string; ids: string[] }[] = [];
    for (const { name, ...shape } of [COMPARED.shape, COMPARED_BESIDE])
      compared.push({
        name: `${COMPARED.runs} runs of the shape of ${name} (${shape.layers} x ${shape.heads} heads)`,
        ids: await seedCompared(prisma, widenReport(report, shape), COMPARED.runs),
      });
    return compared;
  });

async function realReport(task: unknown): Promise<RunReport> {
  const engine = createEngineClient({ modelsFolder: path.join(ROOT, "models") });
  try {
    const settings = { ...DEFAULT_SETTINGS, leadIns: 1, analyses: [] };
    return await engine.run({ model: "recall-gpt2", task: task as Task, settings });
  } finally {
    await engine.close();
  }
}
