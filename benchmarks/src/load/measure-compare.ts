import { ask, timed } from "./client.ts";
import { documents } from "./documents.ts";
import type { Timing } from "./load-report.ts";
import { timing } from "./measure-pages.ts";

interface Answer {
  compareRuns: { runs: { run: { argumentPassing: object | null } }[] };
}

/** The compare page's query, once unmeasured for each choice of runs, then so often. */
export async function measureCompare(
  url: string,
  choices: readonly { name: string; ids: string[] }[],
  rounds: number,
): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const { name, ids } of choices) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const time = await timed(async () => {
        const { compareRuns } = await ask<Answer>(url, documents.compare, { ids, force: false });
        if (compareRuns.runs.length < ids.length || compareRuns.runs.some(({ run }) => !run.argumentPassing))
          throw new Error(`${name}: a run is missing`);
      });
      if (round > 0) times.push(time);
    }
    timings.push(timing(name, times));
  }
  return timings;
}
