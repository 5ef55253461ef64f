import type { Task } from "@recallscope/engine";
import { exportRun } from "../../src/exports/index.ts";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import { findRun } from "../../src/runs/find-run.ts";
import type { templateDatabase } from "../support/template.ts";

export type Store = Awaited<ReturnType<typeof templateDatabase>>;

export async function taskOf(prisma: PrismaClient, slug: string): Promise<Task> {
  const row = await prisma.task.findFirstOrThrow({ where: { slug, current: true } });
  return row.content as unknown as Task;
}

/** The bytes of a run's bundle. */
export async function bundleOf(prisma: PrismaClient, run: string): Promise<Buffer> {
  const { chunks } = await exportRun(prisma, await findRun(prisma, run), { what: "bundle" });
  return Buffer.concat([...(chunks as Iterable<Uint8Array>)]);
}

/** Every value of a run as the database holds it: texts of JSON, bytes of arrays. */
export async function rowsOf({ pglite }: Store, id: string): Promise<unknown> {
  const of = async (query: string) => (await pglite.query<Record<string, unknown>>(query, [id])).rows;
  return {
    run: await of(
      `select key, status, shots, seed, "knownFilter", "leadIns", "bootstrapSamples", analyses, "sweepPrompts", "sweepMode", precision, related,
        "createdAt", "startedAt", "finishedAt", summary::text, receipt::text, warnings from "Run" where id = $1`,
    ),
    report: await of(
      `select task::text, prediction::text, "argumentPassing"::text, "mlpActivation"::text, "functionApplication"::text,
        "finalLayer"::text, further::text from "RunReport" where "runId" = $1`,
    ),
    prompts: await of(`select index, known, content::text from "Prompt" where "runId" = $1 order by index`),
    arrays: await of(
      `select name, index, unit, axes::text, encode("values", 'hex') as bytes from "RunArray" where "runId" = $1 order by index`,
    ),
    task: await of(
      `select t.slug, t.title, t.hash, t.content::text from "Task" t join "Run" r on r."taskId" = t.id where r.id = $1`,
    ),
  };
}
export const counts = ({ database: { prisma } }: Store) =>
  Promise.all([prisma.run.count(), prisma.model.count(), prisma.task.count(), prisma.runArray.count()]);
