import { FURTHER_ANALYSES, type RunReport } from "@recallscope/engine";
import { type FigurePoint, POINT_COLUMNS, pointsOf } from "../figure-table.ts";
import { type FoundFigure, figuresOfRun } from "../figures.ts";
import { type ColumnOf, fill, type Table, text } from "../table.ts";

/** Everything that the figures of the further analyses show, one row per number. */
export function furtherTable(report: RunReport): Table {
  const rows = figuresOfRun(report).flatMap((found) =>
    pointsOf(found.figure).map((point) => ({ found, point })),
  );
  type Row = { found: FoundFigure; point: FigurePoint };
  return fill<Row>(
    { name: "further-results", title: "What the further analyses found" },
    [
      text("mechanism", "step of the account", ({ found }) => FURTHER_ANALYSES[found.analysis].mechanism),
      text("analysis", "analysis", ({ found }) => found.analysis),
      text("figure", "figure of the analysis", ({ found }) => found.figure.id),
      text("figure_title", "its title", ({ found }) => found.figure.title),
      text("kind", "HEADS, LINES, RELIABILITY, BARS or NOTES", ({ found }) => found.figure.kind),
      text("unit", "unit", ({ found }) => found.figure.unit),
      text("unit_text", "the unit in words", ({ found }) => found.figure.unitText),
      ...POINT_COLUMNS.map(
        ({ name, kind, about, of }): ColumnOf<Row> => ({ name, kind, about, of: ({ point }) => of(point) }),
      ),
    ],
    rows,
  );
}
