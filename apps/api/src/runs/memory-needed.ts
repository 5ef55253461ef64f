import type { ModelSummary } from "@recallscope/engine";
import type { Model } from "../generated/prisma/client.ts";
import { memoryOfRun } from "../jobs/memory-class.ts";
import { fromJson } from "../results/json.ts";

/** Bytes that a worker needs for runs of a model; null while nobody has opened it. */
export function memoryNeeded({ summary }: Pick<Model, "summary">): number | null {
  const known = fromJson<ModelSummary | null>(summary);
  return known && memoryOfRun(known.parameters);
}
