import { EngineError } from "../../errors.ts";
import type { LiveAttention, LiveFlow, LiveIntercept, LivePatching } from "../../results/live.ts";
import { type InterventionRequest, type InterventionResult, intervene } from "../intervene.ts";
import type { OpenModel } from "../open-model.ts";
import { type AttentionAsk, liveAttention } from "./attention.ts";
import { type FlowAsk, liveFlow } from "./flow.ts";
import { type InterceptAsk, liveIntercept } from "./intercept.ts";
import { livePatching, type PatchingAsk } from "./patching.ts";

/** What is asked of one prompt while someone waits, and what comes of it. Nothing of it is kept. */
export interface LiveAsks {
  attention: { ask: AttentionAsk; result: LiveAttention };
  patching: { ask: PatchingAsk; result: LivePatching };
  flow: { ask: FlowAsk; result: LiveFlow };
  intercept: { ask: InterceptAsk; result: LiveIntercept };
  intervention: { ask: Omit<InterventionRequest, "model">; result: InterventionResult };
}
export type LiveKind = keyof LiveAsks;

export interface LiveRequest<Kind extends LiveKind = LiveKind> {
  model: string;
  /** Hashes that the model must have, so that its numbers go with those of a run. */
  expected: { weightHash: string; tokenizerHash: string };
  kind: Kind;
  ask: LiveAsks[Kind]["ask"];
}

const ANSWERS: {
  [Kind in LiveKind]: (
    model: OpenModel,
    ask: LiveAsks[Kind]["ask"],
    signal?: AbortSignal,
  ) => Promise<LiveAsks[Kind]["result"]>;
} = {
  attention: liveAttention,
  patching: livePatching,
  flow: liveFlow,
  intercept: liveIntercept,
  intervention: (model, ask, signal) => intervene(model, { model: model.summary.name, ...ask }, signal),
};

/** @throws EngineError MODEL_CHANGED where the model's files are not those that are expected; what the kinds of asks throw */
export async function answerLive<Kind extends LiveKind>(
  model: OpenModel,
  { expected, kind, ask }: LiveRequest<Kind>,
  signal?: AbortSignal,
): Promise<LiveAsks[Kind]["result"]> {
  for (const hash of ["weightHash", "tokenizerHash"] as const) {
    const [now, then] = [model.summary[hash], expected[hash]];
    if (now === then) continue;
    const what = hash === "weightHash" ? "weights" : "tokenizer";
    throw new EngineError(
      "MODEL_CHANGED",
      `${what} of ${model.summary.name}: hash ${now.slice(0, 12)}, and the run was made with ${then.slice(0, 12)} (put the old files back, or repeat the run)`,
    );
  }
  return ANSWERS[kind](model, ask, signal);
}
