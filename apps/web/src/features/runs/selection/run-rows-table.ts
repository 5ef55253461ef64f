import type { Estimate, RunRowData } from "@/graphql/fragments.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import type { FigureTable } from "@/table/figure-table.ts";

const NOTHING: Estimate = { value: null, low: null, high: null, n: 0, reason: null };
const ESTIMATES = {
  top1: "top1",
  candidate_top1: "candidateTop1",
  probability: "probability",
  top_mover_effect: "topMoverEffect",
  final_layer_change: "finalLayerChange",
} as const;

/** Runs as a table with all digits: each estimate as value, 95 % interval and n; what was not observed is empty. */
export function runRowsTable(runs: readonly RunRowData[]): FigureTable {
  const names = Object.keys(ESTIMATES) as (keyof typeof ESTIMATES)[];
  return {
    columns: [
      ...["key", "status", "model", "task", "shots", "seed", "known_filter", "lead_ins", "bootstrap_samples"],
      ...["analyses", "facts_known", "facts_total", "top_mover", "r2_held_out", "suppression"],
      ...names.flatMap((name) => [name, `${name}_low`, `${name}_high`, `${name}_n`]),
      ...["created_at", "started_at", "finished_at", "tags", "note"],
    ],
    rows: runs.map(({ settings, summary, ...run }) => [
      ...[run.key, run.status, run.model.name, run.task.slug, settings.shots, settings.seed],
      ...[settings.knownFilter, settings.leadIns, settings.bootstrapSamples, settings.analyses.join(" ")],
      ...[summary?.factsKnown ?? null, summary?.factsTotal ?? null, summary?.topMover ?? null],
      ...[summary?.r2HeldOut ?? null, summary?.suppression ?? null],
      ...names.flatMap((name) =>
        summary ? estimateColumns(summary[ESTIMATES[name]] ?? NOTHING) : [null, null, null, null],
      ),
      ...[run.createdAt, run.startedAt, run.finishedAt, run.tags.join(","), run.note],
    ]),
  };
}
