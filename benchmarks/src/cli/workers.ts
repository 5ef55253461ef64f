import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { thisMachine } from "../machine.ts";
import { withWorkers } from "../workers/platform.ts";
import { RUNS, type StudyTime, timeStudy } from "../workers/study.ts";
import { figureOf, TARGET, WORKERS, WORKERS_SCHEMA, type WorkersReport } from "../workers/workers-report.ts";
import { countOption } from "./count-option.ts";
import { orExit } from "./exit.ts";

const USAGE = `usage: npm run bench:workers -- [--rounds N] [--json FILE]

  --rounds N    how often one worker and two are measured, in turn (2)
  --json FILE   write the figures`;

/** `npm run bench:workers`: one study on PostgreSQL, computed by one worker and by two, each with one thread on its own core. */
async function main(args: readonly string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: text, json: text, help: { type: "boolean" } },
  });
  if (values.help) throw new Error(USAGE);
  const rounds = countOption("rounds", values.rounds, 2, USAGE);
  if (os.availableParallelism() < WORKERS)
    throw new Error(
      `${WORKERS} workers need ${WORKERS} cores: this machine has ${os.availableParallelism()}`,
    );
  const report: WorkersReport = {
    schema: WORKERS_SCHEMA,
    date: new Date().toISOString(),
    machine: thisMachine(),
    loadBefore: os.loadavg()[0]!,
    runs: RUNS,
    rounds: [],
  };
  for (let round = 0; round < rounds; round++) {
    const one = await measure(1);
    const two = await measure(WORKERS);
    report.rounds.push({ oneSeconds: one.seconds, twoSeconds: two.seconds, sharedRuns: two.sharedRuns });
  }
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  const { one, two, ratio } = figureOf(report);
  process.stdout.write(
    `${RUNS} runs: ${one.toFixed(1)} s with one worker, ${two.toFixed(1)} s with two, ${ratio.toFixed(2)}x (target ${TARGET}x)\n`,
  );
  if (ratio < TARGET) process.exitCode = 1;
}

async function measure(workers: number): Promise<StudyTime> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-workers-"));
  try {
    const time = await withWorkers(workers, folder, timeStudy);
    process.stderr.write(
      `› ${workers === 1 ? "one worker" : `${workers} workers`}: ${time.seconds.toFixed(1)} s, ${time.sharedRuns} of ${RUNS} runs shared\n`,
    );
    return time;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await orExit(main(process.argv.slice(2)));
