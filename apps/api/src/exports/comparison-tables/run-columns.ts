import type { RunReport } from "@recallscope/engine";
import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import { type ColumnOf, integer, type Table, text } from "../table.ts";

/** Something of one of the compared runs. */
export interface OfRun {
  place: number;
  key: string;
  report: RunReport;
}

export const ofRun = ({ runs }: StoredComparison, place: number): OfRun => ({
  place,
  key: runs[place]!.run.key,
  report: runs[place]!.report,
});

/** Which run a row is of, in every table of a comparison. */
export const runColumns = <Row extends OfRun>(): ColumnOf<Row>[] => [
  integer("place", "place of the run in the comparison, from 0", ({ place }) => place),
  text("run", "its key", ({ key }) => key),
];

/** Places of all runs but the baseline. */
export const others = ({ runs, baseline }: StoredComparison): number[] =>
  runs.map((_, place) => place).filter((place) => place !== baseline);

/** Tables of the runs one below the other. */
export function stacked(
  head: { name: string; title: string },
  tables: readonly Table[],
  runs: readonly OfRun[],
): Table {
  const columns = runColumns<OfRun>();
  return {
    ...head,
    columns: [...columns.map(({ of: _, ...column }) => column), ...tables[0]!.columns],
    rows: tables.flatMap(({ rows }, i) =>
      rows.map((row) => [...columns.map(({ of }) => of(runs[i]!)), ...row]),
    ),
  };
}
