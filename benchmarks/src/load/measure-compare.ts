import { ask, timed } from "./client.ts";
import { documents } from "./documents.ts";
import type { Timing } from "./load-report.ts";
import { timing } from "./measure-pages.ts";

interface Answer {
  compareRuns: { runs: { run: { argumentPassing: object | null } }[] };
}

/** The compare page's query for each choice of runs: for the first time, when nothing of them is kept in memory, then so often. */
export async function measureCompare(
  url: string,
  choices: readonly { name: string; ids: string[] }[],
  rounds: number,
): Promise<{ first: Timing; again: Timing }[]> {
  const timings: { first: Timing; again: Timing }[] = [];
  for (const { name, ids } of choices) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const time = await timed(async () => {
        const { compareRuns } = await ask<Answer>(url, documents.compare, { ids, force: false });
        if (compareRuns.runs.length < ids.length || compareRuns.runs.some(({ run }) => !run.argumentPassing))
          throw new Error(`${name}: a run is missing`);
      });
      times.push(time);
    }
    const [first, ...again] = times;
    timings.push({ first: timing(`${name}, for the first time`, [first!]), again: timing(name, again) });
  }
  return timings;
}
