import type { RunSettings } from "@recallscope/engine";
import { Prisma } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";
import { settingsOf } from "./settings.ts";

/** A way of asking that runs have, and how many have it. */
export interface SettingsInUse {
  settings: RunSettings;
  runs: number;
}

/** Every way in which stored runs ask, the most usual first. */
export async function settingsInUse(prisma: Tx): Promise<SettingsInUse[]> {
  const rows = await prisma.run.groupBy({
    by: [
      "shots",
      "seed",
      "knownFilter",
      "leadIns",
      "bootstrapSamples",
      "analyses",
      "sweepPrompts",
      "sweepMode",
      "precision",
    ],
    _count: { _all: true },
  });
  return rows
    .map(({ _count, ...settings }) => ({ settings: settingsOf(settings), runs: _count._all }))
    .sort(
      (a, b) => b.runs - a.runs || a.settings.shots - b.settings.shots || a.settings.seed - b.settings.seed,
    );
}

/**
 * Ids of one run per model and task asked with these settings: the newest finished one, else the newest that is on its way, else the
 * newest of all. Versions of a task share a cell. One statement, and no results are read.
 */
export async function runOfEachCell(prisma: Tx, settings: RunSettings): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    select distinct on (run."modelId", task.slug) run.id::text as id
    from "Run" run join "Task" task on task.id = run."taskId"
    where run.shots = ${settings.shots} and run.seed = ${settings.seed}
      and run."knownFilter"::text = ${settings.knownFilter} and run."leadIns" = ${settings.leadIns}
      and run."bootstrapSamples" = ${settings.bootstrapSamples} and run.analyses = ${textArray(settings.analyses)}
      and run."sweepPrompts" = ${settings.sweepPrompts} and run."sweepMode"::text = ${settings.sweepMode}
      and run.precision::text = ${settings.precision}
    order by run."modelId", task.slug,
      case run.status when 'SUCCEEDED' then 0 when 'RUNNING' then 1 when 'QUEUED' then 2 else 3 end, run.id desc`;
  return rows.map(({ id }) => id);
}

const textArray = (texts: readonly string[]) =>
  Prisma.sql`array[${texts.length > 0 ? Prisma.join([...texts]) : Prisma.empty}]::text[]`;
