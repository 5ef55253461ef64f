import type { ModelFacts } from "../architectures/architecture.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { Batch } from "./batches.ts";
import { calibrate } from "./calibration.ts";
import { hookWidth } from "./check-pass.ts";
import type { ExecuteOptions } from "./execute.ts";
import type { ForwardPass } from "./forward-pass.ts";
import { batchBytes, chunkBytes, rowCosts } from "./memory.ts";
import { planWork } from "./plan-work.ts";
import type { Sequence } from "./sequences.ts";
import { flopsOf } from "./work.ts";

/** What a plan will cost, known before it runs. */
export interface PlanEstimate {
  passes: number;
  /** Positions computed, summed over layers: each goes through one block. */
  rows: number;
  /** Multiplications and additions of all matrix products. */
  flops: number;
  /** Bytes of activations held at once, and of what the passes give back; without weights. */
  bytes: number;
  /** Bytes of weights that graphs hold for themselves, beside the files. */
  weights: number;
  /** Bytes of weights that are read and widened again because not all blocks fit. */
  streamed: number;
  /** By this machine's speed, measured once per model. */
  seconds: number;
}

/** Counts what `execute` would compute, without computing it. @throws EngineError as `execute` does for passes that cannot be computed */
export async function estimatePlan(
  session: ModelSession,
  passes: readonly ForwardPass[],
  options: Pick<ExecuteOptions, "maxMemory"> = {},
): Promise<PlanEstimate> {
  const { facts } = session.spec;
  const { maxMemory = session.memory.activations } = options;
  const { sequences, batches, work } = planWork(passes, facts, maxMemory);
  const costs = rowCosts(facts);
  const speed = await calibrate(session);
  const streamed = streamedBytes(session, batches);
  const held = batches.reduce((most, batch) => Math.max(most, batchBytes(batch, costs)), 0);
  return {
    passes: passes.length,
    rows: work.mlp,
    flops: flopsOf(work, facts, session.spec.block(0).mlp.kind === "gated" ? 3 : 2),
    bytes: (batches.some(hasVariants) ? chunkBytes(facts) : 0) + held + resultBytes(sequences, facts),
    weights: Math.min(session.weightNeed.whole, session.memory.weights),
    streamed,
    seconds: speed.secondsOf(work) + streamed * speed.secondsPerByte,
  };
}

/** Every batch goes through the blocks once; those that there is no room for are read each time. */
function streamedBytes(
  { spec, memory, weightNeed: { whole, least } }: ModelSession,
  batches: readonly Batch[],
) {
  if (whole <= memory.weights) return 0;
  // One block at a time takes the room of the others that are read.
  const kept = Math.max(0, memory.weights - least);
  const perWave = whole - kept;
  return batches.reduce((sum, { end }) => sum + (perWave * (end.layer + 1)) / spec.facts.layers, 0);
}

const hasVariants = ({ variants }: Batch): boolean => variants.length > 0;

function resultBytes(sequences: readonly Sequence[], facts: ModelFacts): number {
  let numbers = 0;
  for (const { index, length, pass, captures, modelCaptures } of sequences) {
    if (index < 0) continue;
    for (const { point, positions } of [...captures.values(), modelCaptures].flat()) {
      const rows = positions === "all" ? length : 1;
      numbers += rows * (point === "attn.hook_pattern" ? facts.heads * length : hookWidth(point, facts));
    }
    if (pass.logits) numbers += facts.vocabulary * (pass.logits === "all" ? length : 1);
    numbers += pass.query?.tokens.length ?? 0;
  }
  return 4 * numbers;
}
