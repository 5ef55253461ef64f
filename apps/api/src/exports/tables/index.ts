import type { RunReport } from "@recallscope/engine";
import type { Table } from "../table.ts";
import { finalHeadsTable, finalLayerTable, finalSweepsTable, sweepGainsTable } from "./final-layer.ts";
import { furtherTable } from "./further.ts";
import {
  decompositionsTable,
  decompositionWeightsTable,
  excludedPairsTable,
  headsTable,
  interceptsTable,
  interceptTokensTable,
} from "./mechanisms.ts";
import { attributionTable, droppedTable, factsTable, lensTable, promptsTable } from "./prediction.ts";
import { summaryTable } from "./summary.ts";

/** The tables of a run, by the name that each bears itself, in the order of the run's page. A new one is one function and one line. */
export const RUN_TABLES = {
  summary: summaryTable,
  facts: factsTable,
  "dropped-facts": droppedTable,
  prompts: promptsTable,
  lens: lensTable,
  "logit-attribution": attributionTable,
  heads: headsTable,
  "excluded-pairs": excludedPairsTable,
  decompositions: decompositionsTable,
  "decomposition-weights": decompositionWeightsTable,
  intercepts: interceptsTable,
  "intercept-tokens": interceptTokensTable,
  "final-layer": finalLayerTable,
  "final-layer-heads": finalHeadsTable,
  "final-layer-sweeps": finalSweepsTable,
  "final-layer-gains": sweepGainsTable,
  "further-results": furtherTable,
} as const satisfies Record<string, (report: RunReport) => Table>;

export type RunTableName = keyof typeof RUN_TABLES;
export const RUN_TABLE_NAMES = Object.keys(RUN_TABLES) as RunTableName[];
