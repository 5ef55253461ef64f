import type { RunSettings } from "@recallscope/engine";
import type { Tx } from "../services.ts";

/** How long a run would take, by earlier ones. */
export interface TimeEstimate {
  /** By the median of their seconds a pass, and by the quickest and the slowest of them. */
  seconds: number;
  fastest: number;
  slowest: number;
  /** Earlier runs behind it. */
  runs: number;
}

/** So many of the newest are asked. */
const ASKED = 9;

/**
 * Computing time of a run with so many forward passes, by the newest finished runs of the same model, demonstrations, further analyses and precision: passes of
 * one length over one model take about the same time each. Null where there are none.
 */
export async function timeOfRuns(
  tx: Tx,
  model: string,
  { shots, analyses, sweepPrompts, sweepMode, precision }: RunSettings,
  passes: number,
): Promise<TimeEstimate | null> {
  const rows = await tx.$queryRaw<{ seconds: number; passes: number }[]>`
    select (r.receipt ->> 'seconds')::float8 as seconds,
      ((select count(*) from "Prompt" where "runId" = r.id) + (a ->> 'pairs')::int
        * (2 + 2 * (a ->> 'layers')::int * (a ->> 'headsPerLayer')::int))::int as passes
    from (
      select r.id, r.receipt, p."argumentPassing" as a
      from "Run" r join "Model" m on m.id = r."modelId" join "RunReport" p on p."runId" = r.id
      where m.name = ${model} and r.status = 'SUCCEEDED' and r.shots = ${shots} and r.analyses = ${[...analyses]}::text[]
        and r."sweepPrompts" = ${sweepPrompts} and r."sweepMode"::text = ${sweepMode ?? "EXACT"}
        and r.precision::text = ${precision ?? "F32"}
      order by r.id desc limit ${ASKED}
    ) r`;
  const rates = rows
    .filter((row) => row.passes > 0)
    .map((row) => row.seconds / row.passes)
    .sort((a, b) => a - b);
  if (rates.length === 0) return null;
  const middle = (rates.length - 1) / 2;
  const median = (rates[Math.floor(middle)]! + rates[Math.ceil(middle)]!) / 2;
  return {
    seconds: median * passes,
    fastest: rates[0]! * passes,
    slowest: rates.at(-1)! * passes,
    runs: rates.length,
  };
}
