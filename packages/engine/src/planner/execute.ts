import { EngineError } from "../errors.ts";
import { int64, rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { Array2 } from "../session/onnx-session.ts";
import { BaseWave } from "./base-wave.ts";
import { type Batch, packBatches } from "./batches.ts";
import { inChunks } from "./block-step.ts";
import type { Results } from "./captures.ts";
import type { ForwardPass, PassResult } from "./forward-pass.ts";
import { readOut } from "./read-out.ts";
import { linkSequences, type Sequence } from "./sequences.ts";
import { VariantWave } from "./variant-wave.ts";

export interface ExecuteOptions {
  signal?: AbortSignal;
  /** Called with the number of passes finished so far. */
  onProgress?: (passes: number) => void;
  /** Rows (positions of passes) that go through the layers together; bounds the working set. */
  maxRows?: number;
}

/**
 * Runs a list of passes and returns their results in the same order. Bases and variants move through the layers together, one block
 * at a time, so that a variant costs only its changed positions from its changed layer on, and only one layer's keys and values
 * are ever held.
 */
export async function execute(
  session: ModelSession,
  passes: readonly ForwardPass[],
  options: ExecuteOptions = {},
): Promise<PassResult[]> {
  const sequences = linkSequences(passes, session.spec.facts);
  const results: Results = new Map(sequences.map((s) => [s.index, { captures: new Map() }]));
  const maxRows = options.maxRows ?? defaultRows(session);
  // A base may be computed for several batches: passes are counted by their place in the plan.
  const finished = new Set<number>();
  for (const batch of packBatches(sequences, maxRows)) {
    await runBatch(session, batch, results, options.signal);
    for (const s of [...batch.bases, ...batch.variants]) if (s.index >= 0) finished.add(s.index);
    options.onProgress?.(finished.size);
  }
  return passes.map((_, index) => results.get(index)!);
}

/** About 256 MB of residual rows and their block's activations. */
function defaultRows(session: ModelSession): number {
  const { width, heads, kvHeads, headWidth } = session.spec.facts;
  const perRow = 4 * (7 * width + 2 * (heads + kvHeads) * headWidth);
  return Math.max(1024, Math.floor(2 ** 28 / perRow));
}

async function runBatch(
  session: ModelSession,
  batch: Batch,
  results: Results,
  signal?: AbortSignal,
): Promise<void> {
  const byIndex = new Map(batch.bases.map((s) => [s.index, s]));
  const bases = new BaseWave(session, batch.bases, batch.baseRows);
  await embed(session, batch, bases, results);
  const variants = new VariantWave(session, batch.variants, batch.variantRows, bases, byIndex);
  for (let layer = 0; layer < session.spec.facts.layers; layer++) {
    throwIfCancelled(signal);
    await bases.step(layer, results);
    await variants.step(layer, results, () => throwIfCancelled(signal));
    bases.advance();
  }
  throwIfCancelled(signal);
  await readOut(session, batch.bases, bases.buffers.residPre, results);
  await readOut(session, batch.variants, variants.residual, results);
}

export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new EngineError("CANCELLED", "run: cancelled");
}

/** hook_embed, hook_pos_embed and the first resid_pre of all bases. */
async function embed(session: ModelSession, batch: Batch, bases: BaseWave, results: Results): Promise<void> {
  const { width } = session.spec.facts;
  const tokens = batch.bases.flatMap((s) => [...s.pass.tokens]);
  const positions = batch.bases.flatMap((s) => s.pass.tokens.map((_, position) => position));
  const learned = session.spec.embedding.position !== undefined;
  const embedding = new Float32Array(batch.baseRows * width);
  const place = learned ? new Float32Array(batch.baseRows * width) : null;
  await inChunks(0, batch.baseRows, (start, rows) => {
    const inputs: Record<string, Array2> = { ids: int64(tokens.slice(start, start + rows)) };
    if (learned) inputs.positions = int64(positions.slice(start, start + rows));
    const outputs: Record<string, Array2> = {
      embed: rowsOf(embedding, start, rows, width),
      resid_pre: rowsOf(bases.buffers.residPre, start, rows, width),
    };
    if (place) outputs.pos_embed = rowsOf(place, start, rows, width);
    return session.runModel("embedding", inputs, outputs);
  });
  for (const s of [...batch.bases, ...batch.variants])
    captureEmbedding(s, { hook_embed: embedding, hook_pos_embed: place }, width, results);
}

function captureEmbedding(
  s: Sequence,
  buffers: { hook_embed: Float32Array; hook_pos_embed: Float32Array | null },
  width: number,
  results: Results,
): void {
  const from = s.base ?? s;
  for (const { point, positions } of s.modelCaptures) {
    if (point !== "hook_embed" && point !== "hook_pos_embed") continue;
    const data = buffers[point];
    if (!data)
      throw new EngineError(
        "UNKNOWN_HOOK",
        "hook hook_pos_embed: this model has no learned positions (it rotates q and k)",
      );
    const [first, count] = positions === "last" ? [from.row + s.length - 1, 1] : [from.row, s.length];
    results.get(s.index)!.captures.set(point, data.slice(first * width, (first + count) * width));
  }
}
