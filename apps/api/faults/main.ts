/**
 * `npm run test:faults [-- --kills 20] [--only api,worker,database,embedded] [--seed 1] [--json FILE]`: kills the processes of the platform with -9 at
 * random moments of runs of a real model, and looks at what is left. The last line is a figure; exit 1 where anything was lost.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  FAULTS_SCHEMA,
  type FaultsOutcome,
  type FaultsReport,
} from "../../../benchmarks/src/faults/faults-report.ts";
import { killAll } from "../test/support/process.ts";
import { embeddedPlatform, teamPlatform } from "./platforms.ts";
import { trial } from "./trial.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    only: { type: "string", default: "embedded,api,worker,database" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const kills = Number(values.kills);
const random = seeded(Number(values.seed));
const folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-faults-"));
const outcomes: FaultsOutcome[] = [];
const wanted = values.only.split(",");
try {
  if (wanted.includes("embedded"))
    outcomes.push(await trial("embedded", () => embeddedPlatform(folder), ["server"], kills, random));
  const team = wanted.filter((part) => part !== "embedded") as ("api" | "worker" | "database")[];
  for (const part of team)
    outcomes.push(await trial(part, () => teamPlatform(folder, part), [part], kills, random));
} finally {
  killAll();
  await rm(folder, { recursive: true, force: true });
}
for (const { name, kills: done, runs, longest, problems } of outcomes) {
  console.log(`${name}: ${done} kills, ${runs} runs, at most ${longest.toFixed(0)} s until all had ended`);
  for (const problem of problems) console.log(`  ${problem}`);
}
const report: FaultsReport = { schema: FAULTS_SCHEMA, date: new Date().toISOString(), parts: outcomes };
if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
const problems = outcomes.flatMap((outcome) => outcome.problems);
const total = outcomes.reduce((sum, { kills: done }) => sum + done, 0);
console.log(`${total} kills, ${problems.length} losses`);
process.exit(problems.length === 0 && total === kills * wanted.length ? 0 : 1);

/** Mulberry32: the same moments again for the same seed, as far as processes allow. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
