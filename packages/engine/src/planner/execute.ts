import { EngineError } from "../errors.ts";
import { rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import { BaseWave } from "./base-wave.ts";
import { type Batch, packBatches } from "./batches.ts";
import { inChunks } from "./block-step.ts";
import { captureBlock, type Results } from "./captures.ts";
import type { ForwardPass, PassResult } from "./forward-pass.ts";
import { keptRows } from "./kept-rows.ts";
import { rowBudget, rowCosts } from "./memory.ts";
import { readOut } from "./read-out.ts";
import { linkSequences, type Sequence } from "./sequences.ts";
import { VariantWave } from "./variant-wave.ts";
import { Workspace } from "./workspace.ts";

export interface ExecuteOptions {
  signal?: AbortSignal;
  /** Called with the number of passes finished so far. */
  onProgress?: (passes: number) => void;
  /**
   * Bytes of the activations that are held at once, without weights and results; by default what the model was opened with. One pass with its base, and the chunk of
   * rows in work, may need more.
   */
  maxMemory?: number;
}

/**
 * Runs a list of passes and returns their results in the same order. Bases and variants move through the layers together, one block
 * at a time, so that a variant costs only its changed positions from its changed layer on, and only one layer's keys and values
 * are ever held. Prompts that begin alike share the rows of their beginning.
 */
export async function execute(
  session: ModelSession,
  passes: readonly ForwardPass[],
  options: ExecuteOptions = {},
): Promise<PassResult[]> {
  const { facts } = session.spec;
  const sequences = linkSequences(passes, facts);
  const results: Results = new Map(sequences.map((s) => [s.index, { captures: new Map() }]));
  // A base may be computed for several batches: passes are counted by their place in the plan.
  const finished = new Set<number>();
  const checkpoint = () => throwIfCancelled(options.signal);
  const workspace = new Workspace(facts);
  const budget = rowBudget(facts, options.maxMemory ?? session.memory.activations);
  for (const batch of packBatches(sequences, budget, rowCosts(facts))) {
    await runBatch(session, batch, workspace, results, checkpoint);
    for (const s of [...batch.bases, ...batch.variants]) if (s.index >= 0) finished.add(s.index);
    options.onProgress?.(finished.size);
  }
  return passes.map((_, index) => results.get(index)!);
}

async function runBatch(
  session: ModelSession,
  batch: Batch,
  workspace: Workspace,
  results: Results,
  checkpoint: () => void,
): Promise<void> {
  const { layers, width } = session.spec.facts;
  const { bases, variants, end } = batch;
  const byIndex = new Map(bases.map((s) => [s.index, s]));
  const baseWave = new BaseWave(session, batch, workspace, checkpoint);
  await embed(session, batch, baseWave, results);
  const variantWave = new VariantWave(session, batch, baseWave, workspace, checkpoint);
  for (let layer = 0; layer <= end.layer; layer++) {
    checkpoint();
    await baseWave.step(layer, keptRows(batch, byIndex, layer, session.spec.facts));
    const placed = bases
      .filter((s) => s.captures.has(layer))
      .map((sequence) => ({ sequence, input: null, output: null, pattern: null }));
    await captureBlock(layer, placed, baseWave, session, results);
    await variantWave.step(layer, results);
    if (layer < end.layer || layer === layers - 1) baseWave.advance();
  }
  checkpoint();
  const finalRow = (s: Sequence, position: number) => {
    if (s.base) return variantWave.finalRow(s, position);
    const at = s.rows[position]! * width;
    return baseWave.buffers.residPre.subarray(at, at + width);
  };
  await readOut(session, [...bases, ...variants], finalRow, results, checkpoint);
}

export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new EngineError("CANCELLED", "run: cancelled");
}

/** hook_embed, hook_pos_embed and the first resid_pre of all bases. */
async function embed(session: ModelSession, batch: Batch, bases: BaseWave, results: Results): Promise<void> {
  const { width } = session.spec.facts;
  const tokens = batch.segments.flatMap((segment) => segment.tokens);
  const positions = batch.segments.flatMap(({ start, tokens: own }) => own.map((_, i) => start + i));
  const learned = session.spec.embedding.position !== undefined;
  const embedding = new Float32Array(batch.baseRows * width);
  const place = learned ? new Float32Array(batch.baseRows * width) : null;
  await inChunks(0, batch.baseRows, (start, rows) =>
    session.embed(
      tokens.slice(start, start + rows),
      positions.slice(start, start + rows),
      {
        embed: rowsOf(embedding, start, rows, width),
        resid_pre: rowsOf(bases.buffers.residPre, start, rows, width),
      },
      () => rowsOf(place!, start, rows, width),
    ),
  );
  for (const s of [...batch.bases, ...batch.variants])
    captureEmbedding(s, { hook_embed: embedding, hook_pos_embed: place }, width, results);
}

function captureEmbedding(
  s: Sequence,
  buffers: { hook_embed: Float32Array; hook_pos_embed: Float32Array | null },
  width: number,
  results: Results,
): void {
  const { rows } = s.base ?? s;
  for (const { point, positions } of s.modelCaptures) {
    if (point !== "hook_embed" && point !== "hook_pos_embed") continue;
    const data = buffers[point];
    if (!data)
      throw new EngineError(
        "UNKNOWN_HOOK",
        "hook hook_pos_embed: this model has no learned positions (it rotates q and k)",
      );
    const first = positions === "last" ? s.length - 1 : 0;
    const out = new Float32Array((s.length - first) * width);
    for (let position = first; position < s.length; position++)
      out.set(
        data.subarray(rows[position]! * width, (rows[position]! + 1) * width),
        (position - first) * width,
      );
    results.get(s.index)!.captures.set(point, out);
  }
}
