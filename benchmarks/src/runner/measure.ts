import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Device } from "../../../packages/engine/src/session/device.ts";
import { flops } from "../flops.ts";
import type { Numbers } from "../job.ts";
import type { Shape } from "../model/shape.ts";
import type { Entry, Row } from "../plan/row.ts";
import { agreement, agrees } from "../report/agreement.ts";
import type { Agreement, RowReport, SideReport } from "../report/report.ts";
import { median, ratios } from "../report/verdicts.ts";
import type { PeerPool } from "./peer-pool.ts";
import type { SideProcess } from "./process.ts";
import type { Ran } from "./protocol.ts";
import { sideInfo, startOurs } from "./sides.ts";

export interface MeasureOptions {
  rounds: number;
  /** Of our side; peers compute on the CPU. */
  device: Device;
  /** Folder for jobs and results. */
  scratch: string;
  /** Model shape by folder. */
  shapeOf(model: string): Shape;
  /** null: ours alone. */
  peers: PeerPool | null;
  log(line: string): void;
}

interface Measuring {
  entry: Entry;
  file: string;
  process: SideProcess;
  runs: Ran[];
  numbers: Numbers;
}

/**
 * One row: every side warmed up, then round by round ours and each peer in turn, and at last what they computed compared.
 * @throws Error where two sides disagree
 */
export async function measureRow(
  row: Row,
  options: MeasureOptions,
): Promise<Omit<RowReport, "verdicts"> & { versions: Record<string, string> }> {
  const { rounds, scratch, peers, log } = options;
  await mkdir(scratch, { recursive: true });
  const versions: Record<string, string> = {};
  const sides: Measuring[] = [];
  const own = startOurs(options.device);
  try {
    for (const [i, entry] of row.entries.entries()) {
      if (i > 0 && !peers?.offers(entry.side)) continue;
      const file = path.join(scratch, `${row.id}-${entry.side}.json`);
      await writeFile(file, JSON.stringify(entry.job));
      const process = i === 0 ? own : peers!.processOf(entry.side);
      const side: Measuring = { entry, file, process, runs: [], numbers: {} };
      Object.assign(versions, await ready(side));
      await process.warmUp();
      sides.push(side);
    }
    for (let round = 0; round < rounds; round++) {
      for (const [i, side] of sides.entries()) {
        // Variants of a peer share its process: whose turn it is gets it to itself.
        if (i > 0) await ready(side);
        await settled();
        side.runs.push(await side.process.run());
        if (round === rounds - 1) side.numbers = await numbersOf(side, path.join(scratch, row.id));
        log(
          `  round ${round + 1}: ${sideInfo(side.entry.side).label} ${seconds(total(side, side.runs.at(-1)!))}`,
        );
      }
    }
  } finally {
    await own.close();
    await rm(scratch, { recursive: true, force: true });
  }
  const reports = sides.map((side) => sideReport(side, row, sides[0]!, options));
  const { id, title, what, series } = row;
  return { id, title, what, ...(series && { series }), sides: reports, ratios: ratios(reports), versions };
}

/** Threads of the side before spin for a while before they sleep; they must not take the cores from the next one. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

const ready = async ({ entry, file, process }: Measuring) =>
  (await process.prepare(file, sideInfo(entry.side).variant ?? "plain")).versions;

const total = ({ entry }: Measuring, { fixedMs, loopMs }: Ran): number => fixedMs + entry.scale * loopMs;

async function numbersOf({ entry, process }: Measuring, prefix: string): Promise<Numbers> {
  const { names } = await process.write(`${prefix}-${entry.side}`);
  const numbers: Numbers = {};
  for (const name of names) {
    const file = await readFile(`${prefix}-${entry.side}.${name}.f32`);
    numbers[name] = new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength));
  }
  return numbers;
}

function sideReport(side: Measuring, row: Row, ours: Measuring, { shapeOf }: MeasureOptions): SideReport {
  const { entry, runs } = side;
  const { label, kind } = sideInfo(entry.side);
  const ms = runs.map((run) => total(side, run));
  const medianMs = median(ms);
  const operations = flops(row.whole, shapeOf(row.whole.model), entry.algorithm);
  const highest = (of: (run: Ran) => number | null) =>
    runs.reduce<number | null>((most, run) => {
      const value = of(run);
      return value === null ? most : Math.max(most ?? 0, value);
    }, null);
  return {
    side: entry.side,
    label,
    kind,
    part: entry.part ?? null,
    ms,
    medianMs,
    minMs: Math.min(...ms),
    peakMb: highest(({ peakMb }) => peakMb),
    peakProcessMb: highest(({ peakProcessMb }) => peakProcessMb),
    gflop: operations === null ? null : operations / 1e9,
    gflopPerSecond: operations === null ? null : operations / 1e6 / medianMs,
    agreement: side === ours ? null : checked(side, ours, row),
  };
}

function checked(side: Measuring, ours: Measuring, row: Row): Agreement {
  const result = agreement(
    { job: ours.entry.job, numbers: ours.numbers },
    { job: side.entry.job, numbers: side.numbers },
  );
  if (!agrees(result)) {
    throw new Error(
      `${row.id}: ${sideInfo(side.entry.side).label} and we differ by ${result.largest} (allowed: ${result.tolerance}, numbers up to ${result.scale})`,
    );
  }
  return result;
}

export const seconds = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
