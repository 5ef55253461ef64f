import path from "node:path";
import { DEFAULT_SETTINGS, type RunReport, type Task } from "@recallscope/engine";
import { createEngineClient } from "@recallscope/engine/worker";
import { openDatabase } from "../../../apps/api/src/database/open-database.ts";
import { ROOT } from "../../../apps/api/src/env.ts";
import { loadTasks } from "../../../apps/api/src/tasks/load-tasks.ts";
import { query } from "../../../apps/api/test/support/postgres.ts";
import { COMPARED, COMPARED_BESIDE } from "./load-report.ts";
import { seedCompared, seedRuns } from "./seed-runs.ts";

/** Fills an empty database. @returns ids of the runs to compare, by shape */
export async function fill(
  url: string,
  runs: number,
  say: (line: string) => void,
): Promise<{ name: string; ids: string[] }[]> {
  const database = await openDatabase({ databaseUrl: url, dataFolder: "" });
  const { prisma } = database;
  const problems = await loadTasks(prisma, path.join(ROOT, "tasks"));
  if (problems.length > 0) throw new Error(`tasks cannot be stored: ${problems.join("; ")}`);
  const tasks = await prisma.task.findMany({ orderBy: { slug: "asc" } });
  say("measuring one real run");
  const report = await realReport(tasks.find(({ slug }) => slug === "country-capital")!.content);
  say(`storing ${runs} runs`);
  await seedRuns(prisma, { report, tasks, count: runs });
  const compared: { name: string; ids: string[] }[] = [];
  for (const { name, ...shape } of [COMPARED.shape, COMPARED_BESIDE])
    compared.push({
      name: `${COMPARED.runs} runs of the shape of ${name} (${shape.layers} x ${shape.heads} heads)`,
      ids: await seedCompared(prisma, report, shape, COMPARED.runs),
    });
  await database.close();
  await query(url, "vacuum analyze");
  return compared;
}

async function realReport(task: unknown): Promise<RunReport> {
  const engine = createEngineClient({ modelsFolder: path.join(ROOT, "models") });
  try {
    const settings = { ...DEFAULT_SETTINGS, leadIns: 1, analyses: [] };
    return await engine.run({ model: "recall-gpt2", task: task as Task, settings });
  } finally {
    await engine.close();
  }
}
