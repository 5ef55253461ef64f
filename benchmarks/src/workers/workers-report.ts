import { type Machine, machineText } from "../machine.ts";

export const WORKERS_SCHEMA = 1;
export const WORKERS = 2;
/** Workers that share nothing would be twice as fast. */
export const TARGET = 1.8;

export interface WorkersRound {
  oneSeconds: number;
  twoSeconds: number;
  /** Runs whose shards were computed by both. */
  sharedRuns: number;
}

/** What `bench:workers --json` writes. */
export interface WorkersReport {
  schema: typeof WORKERS_SCHEMA;
  date: string;
  machine: Machine;
  /** Mean number of processes that wanted a core in the minute before. */
  loadBefore: number;
  runs: number;
  rounds: WorkersRound[];
}

export interface WorkersFigure {
  one: number;
  two: number;
  ratio: number;
}

/** The fastest of each: other processes only ever make it slower. */
export function figureOf({ rounds }: WorkersReport): WorkersFigure {
  const one = Math.min(...rounds.map(({ oneSeconds }) => oneSeconds));
  const two = Math.min(...rounds.map(({ twoSeconds }) => twoSeconds));
  return { one, two, ratio: one / two };
}

/** The section of `docs/benchmarks.md`. */
export function workersSection(report: WorkersReport): string {
  const { date, machine, loadBefore, runs, rounds } = report;
  const { one, two, ratio } = figureOf(report);
  const shared = Math.max(...rounds.map(({ sharedRuns }) => sharedRuns));
  return [
    "## Two workers",
    `\`npm run bench:workers -- --json benchmarks/workers.json\` on ${date.slice(0, 10)}, ${machineText(machine)}, with ${loadBefore.toFixed(1)} other processes at work in the minute
before. A study of ${runs} runs of the bundled models, computed by workers of one thread that each have a core of their own; the server and the database share these cores. From the request to the last stored
result: ${one.toFixed(1)} s with one worker, ${two.toFixed(1)} s with two, **${ratio.toFixed(2)} times as fast** (target ${TARGET}, ${ratio >= TARGET ? "met" : "missed"}; the fastest of ${rounds.length} rounds). ${shared} of the runs were computed by both together.`,
  ].join("\n\n");
}
