/**
 * `npm run test:faults [-- --kills 20] [--only api,worker,database,embedded] [--seed 1] [--json FILE]`: kills the processes of the platform with -9 at
 * random moments of runs of a real model, and looks at what is left. The last line is a figure; exit 1 where anything was lost.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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

const PARTS = ["embedded", "api", "worker", "database"] as const;
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    only: { type: "string", default: PARTS.join(",") },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const kills = Number(values.kills);
const random = seeded(Number(values.seed));
const folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-faults-"));
const outcomes: FaultsOutcome[] = [];
const wanted = values.only.split(",") as FaultsOutcome["name"][];
for (const part of wanted)
  if (!PARTS.includes(part)) throw new Error(`--only ${part}: no such part (allowed: ${PARTS.join(", ")})`);
try {
  for (const part of PARTS.filter((name) => wanted.includes(name))) {
    const embedded = part === "embedded";
    const open = () => (embedded ? embeddedPlatform(folder) : teamPlatform(folder, part));
    outcomes.push(await trial(part, open, [embedded ? "server" : part], kills, random));
    if (values.json) await keep(values.json, outcomes);
  }
} finally {
  killAll();
  await rm(folder, { recursive: true, force: true });
}
for (const { name, kills: done, runs, longest, problems } of outcomes) {
  console.log(`${name}: ${done} kills, ${runs} runs, at most ${longest.toFixed(0)} s until all had ended`);
  for (const problem of problems) console.log(`  ${problem}`);
}
const problems = outcomes.flatMap((outcome) => outcome.problems);
const total = outcomes.reduce((sum, { kills: done }) => sum + done, 0);
console.log(`${total} kills, ${problems.length} losses`);
process.exit(problems.length === 0 && total === kills * wanted.length ? 0 : 1);

/** Writes what is known so far; parts of an earlier file that were not asked for this time stay. */
async function keep(file: string, done: readonly FaultsOutcome[]): Promise<void> {
  const earlier = existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as FaultsReport).parts : [];
  const all = [...earlier.filter(({ name }) => !done.some((part) => part.name === name)), ...done];
  const parts = PARTS.flatMap((name) => all.find((part) => part.name === name) ?? []);
  const report: FaultsReport = { schema: FAULTS_SCHEMA, date: new Date().toISOString(), parts };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

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
