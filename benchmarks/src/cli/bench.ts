import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkDevice } from "../../../packages/engine/src/runner/open-on-device.ts";
import { thisMachine } from "../machine.ts";
import { activationsFile } from "../model/activations.ts";
import { promptsWithPrefix } from "../model/pairs.ts";
import { randomModel } from "../model/random-model.ts";
import type { Shape } from "../model/shape.ts";
import { rows } from "../plan/rows.ts";
import { FULL, QUICK } from "../plan/sizes.ts";
import { type BenchReport, SCHEMA } from "../report/report.ts";
import { rowText, summaryText } from "../report/table.ts";
import { verdicts } from "../report/verdicts.ts";
import { measurePeak } from "../runner/matmul-peak.ts";
import { type MeasureOptions, measureRow } from "../runner/measure.ts";
import { PeerPool } from "../runner/peer-pool.ts";
import { PythonEnvironment } from "../runner/python.ts";
import { type BenchOptions, readOptions } from "./options.ts";

const CACHE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../.cache");

/** `npm run bench` and `npm run bench:peers`. */
export async function bench(args: readonly string[], withPeers: boolean): Promise<void> {
  const options = readOptions(args);
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const start = performance.now();
  const elapsed = () => `${((performance.now() - start) / 60_000).toFixed(1)} min`;
  await mkdir(CACHE, { recursive: true });
  await removeLeftovers();
  await checkDevice(options.device);
  const { plan, shapes, model, size } = await prepare(options, log);
  const pool = withPeers ? await peerPool(options, log) : null;
  const settings: MeasureOptions = {
    rounds: options.rounds,
    device: options.device,
    scratch: path.join(CACHE, `run-${process.pid}`),
    shapeOf: (folder) => shapes.get(folder)!,
    peers: pool,
    log,
  };
  const report = emptyReport(options, size);
  try {
    report.peak.gflops = await measurePeak({ model, size, threads: options.threads }, settings);
    for (const row of plan) {
      log(`${row.id} (${elapsed()})`);
      const { versions, ...measured } = await measureRow(row, settings);
      Object.assign(report.versions, versions);
      report.rows.push({ ...measured, verdicts: [] });
      report.rows.at(-1)!.verdicts = verdicts(report.rows.at(-1)!, options.quick ? [] : row.targets, report);
      process.stdout.write(`${rowText(report.rows.at(-1)!)}\n\n`);
    }
  } finally {
    await pool?.close();
  }
  process.stdout.write(`${summaryText(report)}\n`);
  if (options.json) await writeFile(options.json, `${JSON.stringify(report, null, 1)}\n`);
  log(`took ${elapsed()}`);
}

/** Folders of runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const pid = /^run-(\d+)$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(path.join(CACHE, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Makes models and tokens; the rows that were asked for. */
async function prepare(options: BenchOptions, log: (line: string) => void) {
  const sizes = options.quick ? QUICK : FULL;
  const { shape, growth, prompts, length } = sizes;
  const shapes = new Map<string, Shape>();
  const made = async (own: Shape) => {
    const folder = await randomModel(own, CACHE);
    shapes.set(folder, own);
    return folder;
  };
  log("making the random model, if it is not there yet");
  const model = await made(shape);
  const wanted = (id: string) => options.only?.some((own) => id.startsWith(own)) ?? true;
  const models = new Map<number, string>();
  if (wanted("growth-layers"))
    for (const layers of growth.layers) models.set(layers, await made({ ...shape, layers }));
  const tokens = promptsWithPrefix(prompts, length, 0, 1, shape.vocabulary);
  const activations = wanted("decomposition")
    ? await activationsFile(model, tokens, CACHE, options.threads)
    : "";
  const plan = rows({ sizes, model, models, activations, threads: options.threads }).filter(({ id }) =>
    wanted(id),
  );
  if (plan.length === 0) throw new Error(`--only ${options.only}: no row has such an id`);
  return { plan, shapes, model, size: sizes.matmul };
}

async function peerPool(options: BenchOptions, log: (line: string) => void): Promise<PeerPool> {
  const python = new PythonEnvironment(path.resolve(options.pythonEnv ?? path.join(CACHE, "peers")));
  await python.setUp(options.python, log);
  return new PeerPool(python, options.threads, options.peers);
}

function emptyReport({ quick, threads, rounds }: BenchOptions, size: number): BenchReport {
  return {
    schema: SCHEMA,
    date: new Date().toISOString(),
    quick,
    threads,
    rounds,
    machine: thisMachine(),
    versions: {},
    peak: { size, gflops: {} },
    rows: [],
  };
}
