import { createHash } from "node:crypto";
import { type ModelSummary, type RunSettings, SEMANTICS_VERSION } from "@recallscope/engine";

/**
 * What makes two runs the same: weights, tokenizer, what is asked, how, and what the numbers mean. 16 hexadecimal digits.
 * @param related hashes of the related tasks
 */
export const runKey = (
  model: Pick<ModelSummary, "weightHash" | "tokenizerHash">,
  taskHash: string,
  settings: RunSettings,
  related: readonly string[],
): string => hash(["run", model.weightHash, model.tokenizerHash, taskHash, ...parts(settings, related)]);

/** The same for a model that has not been opened yet: its name and the state of its files stand for its weights. */
export const requestKey = (
  model: { name: string; fingerprint: string | null },
  taskHash: string,
  settings: RunSettings,
  related: readonly string[],
): string => hash(["request", model.name, model.fingerprint, taskHash, ...parts(settings, related)]);

const parts = (
  {
    shots,
    seed,
    knownFilter,
    leadIns,
    bootstrapSamples,
    analyses,
    sweepPrompts,
    sweepMode,
    precision,
  }: RunSettings,
  related: readonly string[],
) => [
  shots,
  seed,
  knownFilter,
  leadIns,
  bootstrapSamples,
  SEMANTICS_VERSION,
  // Without further analyses, related tasks and how their sweeps go change nothing.
  ...(analyses.length ? [[...analyses].sort(), sweepPrompts, [...related].sort()] : []),
  // Runs from before there was a choice were exact, and keep their keys.
  ...(analyses.length && sweepMode === "SCREENED" ? [sweepMode] : []),
  ...(precision === "F16" ? [precision] : []),
];

const hash = (values: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16);
