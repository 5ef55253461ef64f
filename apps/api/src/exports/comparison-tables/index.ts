import type { RunReport } from "@recallscope/engine";
import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import type { Table } from "../table.ts";
import { furtherTable } from "../tables/further.ts";
import { headsTable as headsOfRun } from "../tables/mechanisms.ts";
import { lensTable } from "../tables/prediction.ts";
import { concentrationTable, depthTable, overlapTable, verdictsTable } from "./mechanism.ts";
import { differencesTable, keyNumbersTable, runsTable } from "./overview.ts";
import { headsTable, matchingCostTable, matchingTable, metricsTable, pairingTable } from "./paired.ts";
import { ofRun, stacked } from "./run-columns.ts";

type ComparisonTable = (comparison: StoredComparison) => Table | Promise<Table>;

/** A table of each run, one below the other. */
const ofRuns =
  (head: { name: string; title: string }, table: (report: RunReport) => Table): ComparisonTable =>
  async (comparison) =>
    stacked(
      head,
      (await comparison.reports()).map(table),
      comparison.runs.map((_, place) => ofRun(comparison, place)),
    );

/** The tables of a comparison by name; what its figures show stands in `depth`, `lens`, `head-numbers` and `further-results`. */
export const COMPARISON_TABLES: Readonly<Record<string, ComparisonTable>> = {
  runs: runsTable,
  differences: differencesTable,
  "key-numbers": keyNumbersTable,
  metrics: metricsTable,
  verdicts: verdictsTable,
  overlap: overlapTable,
  pairing: pairingTable,
  depth: depthTable,
  concentration: concentrationTable,
  heads: headsTable,
  matching: matchingTable,
  "matching-cost": matchingCostTable,
  lens: ofRuns({ name: "lens", title: "Logit lens at the last position" }, lensTable),
  "head-numbers": ofRuns({ name: "head-numbers", title: "Heads of each run" }, headsOfRun),
  "further-results": ofRuns(
    { name: "further-results", title: "What the further analyses found" },
    furtherTable,
  ),
};
export const COMPARISON_TABLE_NAMES = Object.keys(COMPARISON_TABLES);
