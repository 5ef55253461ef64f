import { randomBytes } from "node:crypto";
import { DEFAULT_SETTINGS, type RunReport, type Task } from "@recallscope/engine";
import { COMPUTED_COLUMNS } from "../../../apps/api/src/database/computed-columns.ts";
import type { Database } from "../../../apps/api/src/database/open-database.ts";
import { ROOT } from "../../../apps/api/src/env.ts";
import { asJson } from "../../../apps/api/src/results/json.ts";
import { saveRun } from "../../../apps/api/src/runs/save-run.ts";
import { encodeId } from "../../../apps/api/src/schema/ids.ts";

type Prisma = Database["prisma"];

/** Prompts kept of each run: those of 15 facts in two sentence frames. */
const PROMPTS = 30;
const MODELS = 20;
const BATCH = 500;
const MINUTE = 60_000;
/** Every so many runs, one that failed, and one that was cancelled. */
const FAILED = 17;
const CANCELLED = 29;

/**
 * Stores finished runs, each with a whole report, prompts and arrays: copies of one real report under other models, tasks and settings, a
 * minute apart.
 */
export async function seedRuns(
  prisma: Prisma,
  { report, tasks, count }: { report: RunReport; tasks: readonly { id: string }[]; count: number },
): Promise<void> {
  const task = await taskOf(prisma, report);
  const { id } = await store(prisma, { ...report, prompts: report.prompts.slice(0, PROMPTS) }, task);
  const models = await Promise.all(
    Array.from({ length: MODELS }, (_, i) =>
      prisma.model.create({
        data: {
          name: `owner/model-${i}`,
          source: "HUB",
          summary: asJson({ ...report.receipt.model, name: `owner/model-${i}` }),
        },
      }),
    ),
  );
  const template = await prisma.run.findUniqueOrThrow({ where: { id }, omit: COMPUTED_COLUMNS });
  const now = Date.now() - count * MINUTE;
  const rows = Array.from({ length: count }, (_, i) => {
    const createdAt = new Date(now + i * MINUTE);
    const key = randomBytes(8).toString("hex");
    const failed = i % FAILED === 3;
    const cancelled = !failed && i % CANCELLED === 5;
    return {
      ...template,
      id: orderedUuid(createdAt),
      key,
      requestKey: key,
      modelId: models[i % MODELS]!.id,
      taskId: tasks[Math.floor(i / 3) % tasks.length]!.id,
      shots: i % 5,
      seed: i,
      createdAt,
      startedAt: createdAt,
      finishedAt: new Date(createdAt.getTime() + MINUTE / 2),
      ...((failed || cancelled) && { summary: undefined, receipt: undefined }),
      ...(failed && { status: "FAILED" as const, errorCode: "ENGINE_FAILED", errorMessage: "seeded" }),
      ...(cancelled && { status: "CANCELLED" as const }),
    };
  });
  for (let from = 0; from < count; from += BATCH)
    await prisma.run.createMany({ data: rows.slice(from, from + BATCH) as never });
  await copyChildren(prisma, id);
  await prisma.run.delete({ where: { id } });
}

/** Stores runs of a widened report under one task, as the compare page shows them. @returns their ids of the API */
export async function seedCompared(prisma: Prisma, wide: RunReport, count: number): Promise<string[]> {
  const task = await taskOf(prisma, wide);
  const { layers, heads } = wide.receipt.model;
  const ids: string[] = [];
  for (let seed = 0; seed < count; seed++) {
    const settings = { ...DEFAULT_SETTINGS, ...wide.receipt.settings, seed };
    const name = `owner/shape-${layers}x${heads}`;
    const model = { ...wide.receipt.model, name };
    const { id } = await store(prisma, { ...wide, receipt: { ...wide.receipt, model, settings } }, task);
    ids.push(encodeId("Run", id));
  }
  return ids;
}

/** Stores a report as the run that it is of. */
export const seedReport = async (prisma: Prisma, report: RunReport): Promise<unknown> =>
  store(prisma, report, await taskOf(prisma, report));

const store = (prisma: Prisma, report: RunReport, task: Task) =>
  saveRun(prisma, { task, related: [], report }, { modelsFolder: `${ROOT}/models`, base: ROOT });

async function taskOf(prisma: Prisma, report: RunReport): Promise<Task> {
  const row = await prisma.task.findUniqueOrThrow({ where: { hash: report.receipt.taskHash } });
  return row.content as unknown as Task;
}

/** What hangs on a run, for all finished ones at once, inside the database. */
async function copyChildren(prisma: Prisma, template: string): Promise<void> {
  for (const table of ["RunReport", "Prompt", "RunArray"]) {
    const columns = await prisma.$queryRaw<{ name: string }[]>`
      select column_name as name from information_schema.columns
      where table_schema = 'public' and table_name = ${table} and column_name <> 'runId'
        and is_generated = 'NEVER'`;
    const list = (prefix: string) => columns.map(({ name }) => `${prefix}"${name}"`).join(", ");
    await prisma.$executeRawUnsafe(
      `insert into "${table}" ("runId", ${list("")})
       select r.id, ${list("t.")} from "Run" r cross join "${table}" t
       where t."runId" = $1::uuid and r.id <> $1::uuid and r.status = 'SUCCEEDED'`,
      template,
    );
  }
}

/** Version 7: ordered by time, as the ids that the store makes itself. */
function orderedUuid(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, "0");
  const random = randomBytes(10).toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
