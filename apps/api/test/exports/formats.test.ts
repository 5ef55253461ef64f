import { readFile } from "node:fs/promises";
import path from "node:path";
import type { RunReport, Task } from "@recallscope/engine";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../src/env.ts";
import { figureTable, printedFigure } from "../../src/exports/figure-table.ts";
import { figuresOfRun } from "../../src/exports/figures.ts";
import { flatten } from "../../src/exports/flatten.ts";
import { arraysFile } from "../../src/exports/formats/arrays.ts";
import { csv } from "../../src/exports/formats/csv.ts";
import { latex } from "../../src/exports/formats/latex.ts";
import { latexNumber, latexText } from "../../src/exports/formats/latex-text.ts";
import { parquet } from "../../src/exports/formats/parquet.ts";
import { exportPath, exportQuery, parseExport } from "../../src/exports/request.ts";
import { selectColumns } from "../../src/exports/select-columns.ts";
import { runStamp, type Stamp, stampLines } from "../../src/exports/stamp.ts";
import { fill, integer, number, type Table, text } from "../../src/exports/table.ts";
import { RUN_TABLE_NAMES, RUN_TABLES } from "../../src/exports/tables/index.ts";
import { BITS, hardReport } from "./exported-run.ts";

let report: RunReport;
const RUN = "0123456789abcdef";
let stamp: Stamp;
beforeAll(async () => {
  const task: Task = JSON.parse(await readFile(path.join(ROOT, "tasks/country-capital.json"), "utf8"));
  report = hardReport(task);
  stamp = runStamp({ run: RUN, receipt: report.receipt, warnings: ["two\nlines"] });
});

const joined = (chunks: Iterable<string>) => [...chunks].join("");
/** Texts of any characters, and texts full of those that mean something. */
const anyText = (signs: string) =>
  fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...signs) }));
const readCsv = (file: string): Record<string, string>[] =>
  parse(file, { columns: true, comment: "#", comment_no_infix: true });
const texts = (values: readonly string[]): Table =>
  fill<string>(
    { name: "t", title: "t" },
    [text("one", "", (value) => value), text("two", "", () => "end")],
    values,
  );

describe("csv", () => {
  it("gives every text back", () => {
    fc.assert(
      fc.property(fc.array(anyText(',"#\r\n\t ;=a'), { minLength: 1 }), (values) => {
        const rows = readCsv(joined(csv(texts(values), ["a comment"])));
        expect(rows.map(({ one }) => one)).toEqual(values);
        expect(rows.every(({ two }) => two === "end")).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("gives every number back, and tells a missing one from an empty text", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const table = fill<number>(
          { name: "t", title: "t" },
          [number("x", "", (x) => x), number("y", "", () => null), text("z", "", () => "")],
          [value],
        );
        const file = joined(csv(table, []));
        expect(Number(readCsv(file)[0]!.x)).toBe(value === 0 ? 0 : value);
        expect(file).toMatch(/,,""\n$/);
      }),
    );
  });

  it("says in comments what it is, one line each, and what its columns are", () => {
    const file = joined(csv(RUN_TABLES.heads(report), stampLines(stamp, "table heads")));
    const comments = file.split("\n").filter((line) => line.startsWith("# "));
    expect(comments).toContain("# warning: two lines");
    const receipt = comments.find((line) => line.startsWith("# receipt: "))!.slice("# receipt: ".length);
    expect(JSON.parse(receipt)).toEqual(report.receipt);
    for (const name of Object.keys(readCsv(file)[0]!))
      expect(comments.some((line) => line.startsWith(`# column ${name}: `))).toBe(true);
  });
});

/** Prints what LaTeX would: written from the meaning of each command, apart from the code that escapes. */
function printLatex(source: string): string {
  const commands: Record<string, string> = {
    textbackslash: "\\",
    textasciicircum: "^",
    textasciitilde: "~",
    textless: "<",
    textgreater: ">",
    textbar: "|",
    textquotedbl: '"',
    textquotesingle: "'",
    textasciigrave: "`",
  };
  return source.replace(
    /\\texttt\{U\+([0-9A-F]{4})\}|\\([a-z]+)\{\}|\\([{}$&#_% ])|\{([[\]*])\}|\{\}|([\\{}$&#_%^~"'`[\]*<>|])/g,
    (all, code, command, escaped, grouped, bare) => {
      if (bare !== undefined) throw new Error(`${bare} is left in ${source}`);
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      if (command !== undefined) return commands[command] ?? `?${command}`;
      return escaped ?? grouped ?? (all === "{}" ? "" : all);
    },
  );
}

describe("latex", () => {
  it("prints every text as it is", () => {
    fc.assert(
      fc.property(anyText("\\{}$&#_%^~<>|\"'`[]*-,?! ab\n\u0007\ud800é語"), (value) => {
        const source = latexText(value);
        expect(printLatex(source)).toBe(value);
        // Signs that LaTeX would join, and spaces that it would drop.
        expect(source).not.toMatch(/--|,,|\?`|!`|^ |(?<!\\) $|(?<!\\) {2}|\n/);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [0.1 + 0.2, 4, "$0.3000$"],
    [-1e-9, 3, "$-1.00 \\times 10^{-9}$"],
    [1e300, 2, "$1.0 \\times 10^{300}$"],
    [-0, 4, "$0$"],
    [14, 4, "$14$"],
    [1 / 3, 17, "$0.33333333333333331$"],
  ])("writes %d with %d digits", (value, digits, expected) => {
    expect(latexNumber(value, digits)).toBe(expected);
  });

  it("has each row's cells, intervals with n, and the reason of what was not observed", () => {
    const table = selectColumns(RUN_TABLES.heads(report), ["head_label", "effect", "dla_answer"]);
    const file = joined(latex([table], stampLines(stamp, "heads"), 3));
    expect(file).toContain("L0H1 & $0.150$ [$0.0500$, $0.250$] & $3$ & $0$ [$-0.100$, $0.100$] & $3$ \\\\");
    expect(file).toContain("L0H0 & -- & $0$ &");
    expect(file).toContain("--: not observed (no pair).");
    const rows = file.split("\n").filter((line) => line.endsWith("\\\\"));
    expect(rows).toHaveLength(1 + report.argumentPassing.heads.length);
    expect(new Set(rows.map((line) => line.split(" & ").length))).toEqual(new Set([5]));
    expect(file.split("\n").filter((line) => line.startsWith("% receipt: "))).toHaveLength(1);
  });

  it("sets the lines of a figure beside each other", () => {
    const { figure } = figuresOfRun(report).find((each) => each.figure.kind === "LINES")!;
    if (figure.kind !== "LINES") throw new Error(figure.kind);
    const printed = printedFigure("f", figure);
    expect(printed.rows).toHaveLength(figure.ticks.length);
    expect(printed.rows[1]!.slice(1)).toEqual(figure.series.map(({ points }) => points[1]));
  });
});

describe("parquet", () => {
  it("holds each table cell for cell, and says what it is", async () => {
    for (const name of RUN_TABLE_NAMES) {
      const table = RUN_TABLES[name](report);
      const bytes = parquet(table, stamp);
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      const { columns, rows } = flatten(table);
      const read = await parquetReadObjects({ file });
      expect(read, name).toHaveLength(rows.length);
      for (const [i, row] of rows.entries())
        expect(columns.map((column) => read[i]![column.name] ?? null)).toEqual(
          row.map((cell, at) => {
            if (cell !== null && columns[at]!.kind === "integer") return BigInt(cell as number);
            return typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell;
          }),
        );
      const metadata = Object.fromEntries(
        parquetMetadata(file).key_value_metadata!.map(({ key, value }) => [key, value]),
      );
      expect(JSON.parse(metadata["recallscope.receipt"]!)).toEqual(report.receipt);
      expect(metadata["recallscope.run"]).toBe(RUN);
    }
  });
});

it("holds integers of more than 32 bits in parquet, exactly", async () => {
  const values = [2 ** 31, -(2 ** 31) - 1, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER, 0, null];
  const table = fill({ name: "n", title: "n" }, [integer("n", "n", (n: number | null) => n)], values);
  const bytes = parquet(table, stamp);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const read = await parquetReadObjects({ file });
  expect(read.map(({ n }) => n ?? null)).toEqual(values.map((n) => (n === null ? null : BigInt(n))));
});

it("writes arrays to the bit, with their labels", () => {
  const file = Buffer.concat([...arraysFile(report.arrays, stamp)]);
  const end = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, end));
  const { dtype, shape, data_offsets } = header["odd bits"];
  expect([dtype, shape]).toEqual(["F32", [4]]);
  const bits = [0, 4, 8, 12].map((at) => file.readUInt32LE(end + data_offsets[0] + at));
  expect(bits).toEqual([...BITS]);
  expect(JSON.parse(header.__metadata__["array:odd bits"])).toEqual({
    unit: "logit",
    axes: report.arrays[1]!.axes,
  });
  expect(JSON.parse(header.__metadata__.receipt)).toEqual(report.receipt);
});

it("shows every number of a figure once", () => {
  for (const { analysis, figure } of figuresOfRun(report)) {
    const table = figureTable(`${analysis}/${figure.id}`, figure);
    const count =
      figure.kind === "LINES"
        ? figure.series.reduce((sum, { points }) => sum + points.length, 0)
        : figure.kind === "HEADS"
          ? figure.cells.length
          : figure.kind === "BARS"
            ? figure.bars.length
            : figure.kind === "RELIABILITY"
              ? // Of each bin the probability and the share right.
                figure.curves.reduce((sum, { bins }) => sum + 2 * bins.length, 0)
              : figure.notes.length;
    expect(table.rows).toHaveLength(count);
  }
});

it("reads each address that it writes, and refuses others", () => {
  const requests = [
    { what: "report" },
    { what: "arrays" },
    { what: "bundle" },
    { what: "tables", digits: 6 },
    { what: "table", table: "heads", format: "latex", columns: ["layer", "effect"], digits: 3 },
    { what: "figure", analysis: "joint-effect", figure: "joint.1", format: "csv" },
  ] as const;
  for (const request of requests) {
    const parts = exportPath(request).split("/").map(decodeURIComponent);
    expect(parseExport(parts, new URLSearchParams(exportQuery(request)))).toEqual(request);
  }
  for (const wrong of ["heads.csv", "tables/heads.xlsx", "tables/a/b.csv", "figures/a.csv", "tables/.csv/"])
    expect(() => parseExport(wrong.split("/"), new URLSearchParams())).toThrow(/allowed: report\.json/);
  expect(() => parseExport(["tables.tex"], new URLSearchParams("digits=0"))).toThrow(/1 to 17/);
});
