import { NO_ANALYSES } from "@/features/new-run/form-state.ts";
import type { RunRowData } from "@/graphql/fragments.ts";

/** The new-run page, filled in with this run's model, task, settings, and device where one was asked for. */
export function repeatLink(run: Pick<RunRowData, "model" | "task" | "settings" | "device">): string {
  const {
    shots,
    seed,
    knownFilter,
    leadIns,
    bootstrapSamples,
    analyses,
    sweepPrompts,
    sweepMode,
    precision,
  } = run.settings;
  const search = new URLSearchParams({
    model: run.model.name,
    task: run.task.slug,
    shots: String(shots),
    seed: String(seed),
    known: knownFilter,
    leadIns: String(leadIns),
    bootstrap: String(bootstrapSamples),
    analyses: analyses.join(",") || NO_ANALYSES,
    sweep: String(sweepPrompts),
    mode: sweepMode,
    precision,
    ...(run.device !== null && { device: run.device }),
  });
  return `/runs/new?${search}`;
}
