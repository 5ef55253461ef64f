import type { RunReport, Task } from "@recallscope/engine";
import { z } from "zod";
import { KnownFilter, Precision, SweepMode } from "../../generated/prisma/enums.ts";
import { summarise } from "../../results/run-summary.ts";
import { figureTable } from "../figure-table.ts";
import { figuresOfRun } from "../figures.ts";
import { type FlatColumn, flatten } from "../flatten.ts";
import type { Table } from "../table.ts";
import { RUN_TABLES } from "../tables/index.ts";
import { plainText } from "./manifest.ts";
import { badBundle } from "./read-container.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const whole = z.int32();

/** What the store itself reads of a receipt; the rest is kept as it is. */
export const receiptSchema = z.looseObject({
  engineVersion: z.string(),
  semanticsVersion: z.int(),
  model: z.looseObject({
    name: plainText(1000),
    architecture: z.string(),
    layers: count,
    heads: count,
    weightHash: z.string(),
    tokenizerHash: z.string(),
    bos: z.looseObject({ prepended: z.boolean() }),
    selfCheck: z.looseObject({ passed: z.boolean() }),
  }),
  taskId: z.string(),
  taskHash: hash,
  related: z.array(z.strictObject({ id: z.string(), hash })).optional(),
  settings: z.looseObject({
    shots: whole,
    seed: whole,
    knownFilter: z.enum(KnownFilter),
    leadIns: whole,
    bootstrapSamples: whole,
    analyses: z.array(z.string().regex(/^[a-z0-9-]{1,100}$/)),
    sweepPrompts: whole.optional(),
    sweepMode: z.enum(SweepMode).optional(),
    precision: z.enum(Precision).optional(),
  }),
  device: z.string(),
  computeDtype: z.string(),
  seconds: z.number(),
  startedAt: z.iso.datetime(),
  runtime: z.looseObject({ node: z.string(), onnxruntime: z.string(), platform: z.string() }),
});

export const promptsSchema = z.array(
  z.looseObject({
    index: count,
    fact: count,
    known: z.boolean(),
    tokens: z.array(count),
    tokenTexts: z.array(z.string()),
    subjectSpan: z.tuple([count, count]),
  }),
);

const part = z.looseObject({});
export const reportSchema = z.strictObject({
  task: part,
  prediction: part,
  argumentPassing: part,
  mlpActivation: part,
  functionApplication: part,
  finalLayer: part,
  further: part.optional(),
  warnings: z.array(z.string()),
});

/** Texts of a task that become columns. @throws ApiError BAD_BUNDLE */
export function checkTaskTexts({ id, title }: Task): void {
  if (!plainText(1000).safeParse(title).success || !plainText(200).safeParse(id).success)
    throw badBundle(`task ${id}: its id or title cannot be stored`);
}

/**
 * Whether everything that this copy shows of a run can be made of a report: its tables and figures, each cell of its kind.
 * @throws ApiError BAD_BUNDLE naming the first place where not
 */
export function checkShown(report: RunReport): void {
  for (const [i, prompt] of report.prompts.entries())
    if (prompt.index !== i || !report.task.facts?.[prompt.fact])
      throw badBundle(`prompt ${i}: its place or its fact is another one`);
  for (const [name, make] of Object.entries(RUN_TABLES))
    checkCells(shown(`table ${name}`, () => make(report)));
  for (const { analysis, figure } of shown("figures", () => figuresOfRun(report)))
    checkCells(shown(`figure ${figure.id}`, () => figureTable(`${analysis}/${figure.id}`, figure)));
  shown("summary", () => summarise(report));
}

function shown<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw badBundle(`${what}: cannot be made of its report (${(error as Error).message})`);
  }
}

const FITS: Record<FlatColumn["kind"], (cell: unknown) => boolean> = {
  text: (cell) => typeof cell === "string",
  number: (cell) => typeof cell === "number",
  integer: (cell) => Number.isSafeInteger(cell),
  boolean: (cell) => typeof cell === "boolean",
  list: Array.isArray,
};

function checkCells(table: Table): void {
  const { columns, rows } = shown(`table ${table.name}`, () => flatten(table));
  for (const [i, row] of rows.entries())
    for (const [at, { name, kind }] of columns.entries())
      if (row[at] !== null && !FITS[kind](row[at]))
        throw badBundle(`table ${table.name}, row ${i}, ${name}: is not what it should be (${kind})`);
}
