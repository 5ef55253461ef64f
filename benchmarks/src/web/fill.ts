import { filling } from "../load/fill.ts";
import { seedCompared, seedReport, seedRuns } from "../load/seed-runs.ts";
import { SHAPE } from "./web-report.ts";
import { widenWhole } from "./widen-whole.ts";

/** Fills an empty database with a long list, a run of a bundled model and runs of a large one, the newest. @returns the latter's ids of the API */
export const fill = (url: string, runs: number, say: (line: string) => void): Promise<string[]> =>
  filling(url, say, async ({ prisma, tasks, report }) => {
    say(`storing ${runs} runs`);
    await seedRuns(prisma, { report, tasks, count: runs });
    await seedReport(prisma, report);
    say(`storing ${SHAPE.compared} runs of the shape of ${SHAPE.name}`);
    return seedCompared(prisma, widenWhole(report, SHAPE), SHAPE.compared);
  });
