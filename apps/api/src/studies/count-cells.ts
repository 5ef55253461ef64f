import type { PrismaClient } from "../generated/prisma/client.ts";

/** How many cells of a study are in which state. */
export interface StudyCounts {
  total: number;
  /** Cells without a run. */
  missing: number;
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  /** Share of the work that is done, 0 to 1: a run that is being computed counts with its own share. */
  fraction: number;
}

/** The counts of several studies in one statement, in the order of their ids. */
export async function countCells(prisma: PrismaClient, ids: readonly string[]): Promise<StudyCounts[]> {
  const rows = await prisma.$queryRaw<(StudyCounts & { studyId: string })[]>`
    select "studyId", count(*)::int as total, (count(*) filter (where r.id is null))::int as missing,
      (count(*) filter (where r.status = 'QUEUED'))::int as queued,
      (count(*) filter (where r.status = 'RUNNING'))::int as running,
      (count(*) filter (where r.status = 'SUCCEEDED'))::int as succeeded,
      (count(*) filter (where r.status = 'FAILED'))::int as failed,
      (count(*) filter (where r.status = 'CANCELLED'))::int as cancelled,
      avg(case r.status when 'SUCCEEDED' then 1 when 'RUNNING' then coalesce(r.fraction, 0) else 0 end)::float8 as fraction
    from "StudyCell" c left join "Run" r on r.id = c."runId"
    where "studyId" = any(${ids}::uuid[]) group by "studyId"`;
  const byId = new Map(rows.map(({ studyId, ...counts }) => [studyId, counts]));
  return ids.map((id) => byId.get(id) ?? NONE);
}

const NONE: StudyCounts = {
  total: 0,
  missing: 0,
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  fraction: 0,
};
