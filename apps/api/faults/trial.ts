import type { FaultsOutcome } from "../../../benchmarks/src/faults/faults-report.ts";
import type { FaultyPlatform, Part } from "./platforms.ts";
import { allRuns, createRun, fingerprintOf, pause, settled } from "./runs.ts";

/** Requests that take turns; each is computed undisturbed first. */
const SEEDS = [1, 2];
const PATIENCE_S = 180;

/**
 * Kills parts of a platform, one after the other, at random moments of runs, and compares everything with runs that were left alone.
 * @param random in [0, 1)
 */
export async function trial(
  name: FaultsOutcome["name"],
  open: () => Promise<FaultyPlatform>,
  parts: readonly Part[],
  kills: number,
  random: () => number,
): Promise<FaultsOutcome> {
  console.log(`${name}: starting`);
  const platform = await open();
  const { url } = platform;
  await settled(url, PATIENCE_S);
  const first = (await allRuns(url)).length;
  const undisturbed = new Map<number, string>();
  let usual = 0;
  for (const seed of SEEDS) {
    const started = Date.now();
    const { id } = await createRun(url, seed);
    await settled(url, PATIENCE_S);
    usual = Math.max(usual, Date.now() - started);
    undisturbed.set(seed, await fingerprintOf(url, id));
  }
  console.log(`${name}: a run takes ${(usual / 1000).toFixed(1)} s when it is left alone`);

  const outcome: FaultsOutcome = { name, kills: 0, runs: SEEDS.length, longest: 0, problems: [] };
  const acknowledged = new Map<string, number>();
  let asked = first + SEEDS.length;
  for (let i = 0; i < kills; i++) {
    const seed = SEEDS[i % SEEDS.length]!;
    const part = parts[i % parts.length]!;
    const moment = random() * usual;
    const creating = createRun(url, seed);
    await pause(moment);
    await platform.kill(part);
    const killed = Date.now();
    await platform.restart(part);
    const run = await creating;
    asked += run.asked;
    acknowledged.set(run.id, seed);
    try {
      await settled(url, PATIENCE_S);
    } catch (error) {
      const problem = `kill ${i + 1} after ${moment.toFixed(0)} ms: ${(error as Error).message}`;
      console.log(`${name}: ${problem}`);
      outcome.problems.push(problem);
      // Whatever keeps the platform from answering is no longer a matter of what is stored.
      await platform.end();
      return outcome;
    }
    outcome.kills++;
    outcome.longest = Math.max(outcome.longest, (Date.now() - killed) / 1000);
    const digest = await fingerprintOf(url, run.id).catch((error: Error) => error.message);
    const same = digest === undisturbed.get(seed);
    if (!same)
      outcome.problems.push(`kill ${i + 1} after ${moment.toFixed(0)} ms: run ${run.id} is ${digest}`);
    console.log(
      `${name}: kill ${i + 1} after ${moment.toFixed(0)} ms, all ended after ${((Date.now() - killed) / 1000).toFixed(1)} s, ${same ? "the same numbers" : "NOT the same"}`,
    );
  }
  const runs = await allRuns(url);
  outcome.runs = runs.length;
  if (runs.length > asked)
    outcome.problems.push(`${runs.length} runs are stored, and only ${asked} were asked for`);
  for (const { id, status, error } of runs)
    if (status !== "SUCCEEDED") outcome.problems.push(`run ${id} is ${status}: ${error?.message}`);
  for (const [id, seed] of acknowledged) {
    if (!runs.some((run) => run.id === id)) outcome.problems.push(`run ${id} was acknowledged, and is gone`);
    else if ((await fingerprintOf(url, id)) !== undisturbed.get(seed))
      outcome.problems.push(`run ${id} has changed since`);
  }
  await platform.end();
  return outcome;
}
