import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { type Machine, machineText } from "../machine.ts";
import type { LargeShapeName } from "./shapes.ts";

export const MEMORY_SCHEMA = 1;

/** The whole run of a large random model. Sizes are bytes. */
export interface MemoryFigure {
  shape: LargeShapeName;
  date: string;
  machine: Machine;
  device: string;
  threads: number;
  maxMemory: number;
  openSeconds: number;
  runSeconds: number;
  /** Resident memory at its highest, and how much of it no file backs. */
  peak: number;
  anonymous: number;
  /** Null where the run did not tell. */
  heldWeights: number | null;
  readWeights: number | null;
}

/** What `bench:memory --json` writes: the newest figure of each shape. */
export interface MemoryReport {
  schema: typeof MEMORY_SCHEMA;
  figures: MemoryFigure[];
}

export async function addFigure(file: string, figure: MemoryFigure): Promise<void> {
  const before: MemoryReport = existsSync(file)
    ? JSON.parse(await readFile(file, "utf8"))
    : { schema: MEMORY_SCHEMA, figures: [] };
  const figures = [...before.figures.filter(({ shape }) => shape !== figure.shape), figure];
  await writeFile(file, `${JSON.stringify({ schema: MEMORY_SCHEMA, figures }, null, 2)}\n`);
}

export const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
const known = (bytes: number | null) => (bytes === null ? "" : gb(bytes));
const minutes = (seconds: number) => `${(seconds / 60).toFixed(1)} min`;

/** The section of `docs/benchmarks.md`. */
export function memorySection({ figures }: MemoryReport): string {
  const rows = figures.map(
    (figure) =>
      `| ${figure.shape} | ${gb(figure.peak)} | ${gb(figure.anonymous)} | ${gb(figure.maxMemory)} | ${known(figure.heldWeights)} | ${known(figure.readWeights)} | ${minutes(figure.openSeconds)} | ${minutes(figure.runSeconds)} | ${figure.device}, ${figure.threads} threads | ${figure.date.slice(0, 10)} |`,
  );
  const machines = [...new Set(figures.map(({ machine }) => machineText(machine)))];
  return [
    "## Models that do not fit",
    `\`npm run bench:memory -- --shape SHAPE --json benchmarks/memory.json\` on ${machines.join("; ")}: a random model in f16 of a published shape, and a whole run of 15 facts in one frame with every
head patched in both directions. An ordinary machine has 16 GB, and more at the peak is a failure. *Held* is what widened weights took at most, *read* what was widened in all: a model that does not
fit is read again for each batch. The machine did other work meanwhile, so that times are upper bounds.`,
    [
      "| shape | peak memory | beyond mapped files | `--max-memory` | held | read | opening | run | on | date |",
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |",
      ...rows,
    ].join("\n"),
  ].join("\n\n");
}
