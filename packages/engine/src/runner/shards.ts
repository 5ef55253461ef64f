import { FURTHER_ANALYSES, type FurtherId } from "../analyses/index.ts";
import type { RunSettings } from "../results/receipt.ts";
import { DEVICES, type Device } from "../session/device.ts";
import { onnxruntimeVersion } from "../session/onnx-session.ts";
import type { AskedTask } from "./ask-task.ts";
import { FACTS_PER_STEP, patchedPasses } from "./measure-facts.ts";
import type { OpenModel } from "./open-model.ts";
import { ENGINE_VERSION, SEMANTICS_VERSION } from "./version.ts";

/** How a run is cut into parts that can be computed apart, by whoever has the model. */
export interface ShardPlan {
  /** Ranges of admitted facts, `[from, to)`, that are measured apart from each other. */
  facts: { from: number; to: number }[];
  /** Further analyses, each of which needs what all facts together gave. */
  further: FurtherId[];
  /** What the numbers come from; parts with other ones do not go together. */
  source: string;
}

/** Fewer patched passes than these keep no machine busy for long enough to be worth a shard. */
const PASSES_PER_SHARD = 4_096;

/** The same for every machine: where a run is cut decides which passes go through the model together, and so its last digits. */
export function planShards(model: OpenModel, { facts }: AskedTask, settings: RunSettings): ShardPlan {
  const passes = patchedPasses(model.session.spec.facts, facts[0]!.prompts.length);
  const size = FACTS_PER_STEP * Math.ceil(PASSES_PER_SHARD / (FACTS_PER_STEP * passes));
  const ranges: ShardPlan["facts"] = [];
  for (let from = 0; from < facts.length; from += size)
    ranges.push({ from, to: Math.min(facts.length, from + size) });
  return { facts: ranges, further: wantedAnalyses(settings), source: sourceOf(model) };
}

/** Further analyses of the settings, in the order of the registry. */
export const wantedAnalyses = ({ analyses }: RunSettings): FurtherId[] =>
  (Object.keys(FURTHER_ANALYSES) as FurtherId[]).filter((id) => analyses.includes(id));

/** Weights, tokenizer, the device, and the programs that compute; the main version of Node because it decides how parts are written down. */
export const sourceOf = ({ summary, session }: OpenModel): string =>
  [
    `weights ${summary.weightHash}`,
    `tokenizer ${summary.tokenizerHash}`,
    `engine ${ENGINE_VERSION}`,
    `semantics ${SEMANTICS_VERSION}`,
    `onnxruntime ${onnxruntimeVersion()}`,
    `node ${process.version.split(".")[0]}`,
    `device ${session.device}`,
  ].join(", ");

/** The device that a source names; null where it names none of ours. */
export const deviceOfSource = (source: string): Device | null =>
  DEVICES.find((device) => source.endsWith(`, device ${device}`)) ?? null;
