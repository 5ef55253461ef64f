import { createHash } from "node:crypto";
import { type ModelSummary, type RunSettings, SEMANTICS_VERSION } from "@recallscope/engine";

/** What makes two runs the same: weights, tokenizer, what is asked, how, and what the numbers mean. 16 hexadecimal digits. */
export const runKey = (
  model: Pick<ModelSummary, "weightHash" | "tokenizerHash">,
  taskHash: string,
  settings: RunSettings,
): string => hash(["run", model.weightHash, model.tokenizerHash, taskHash, ...parts(settings)]);

/** The same for a model that has not been opened yet: its name and the state of its files stand for its weights. */
export const requestKey = (
  model: { name: string; fingerprint: string | null },
  taskHash: string,
  settings: RunSettings,
): string => hash(["request", model.name, model.fingerprint, taskHash, ...parts(settings)]);

const parts = ({ shots, seed, knownFilter, leadIns, bootstrapSamples }: RunSettings) => [
  shots,
  seed,
  knownFilter,
  leadIns,
  bootstrapSamples,
  SEMANTICS_VERSION,
];

const hash = (values: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16);
