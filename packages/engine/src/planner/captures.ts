import type { ModelFacts } from "../architectures/architecture.ts";
import type { HookName, HookPoint } from "../hooks/hook-points.ts";
import { rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import { inChunks } from "./block-step.ts";
import type { Placed } from "./edits.ts";
import type { PassResult } from "./forward-pass.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { editsOf, type PointCapture, type Sequence } from "./sequences.ts";

export type Results = Map<number, { captures: Map<HookName, Float32Array> } & PassResult>;

/** A head's pattern rows of one sequence: `[head, own, all]`. */
export interface PatternRows {
  data: Float32Array;
  own: number;
  all: number;
}

export const needs = (sequences: readonly Sequence[], layer: number, ...points: HookPoint[]): boolean =>
  sequences.some((s) => s.captures.get(layer)?.some(({ point }) => points.includes(point)));

/**
 * Copies what a sequence asked for at this layer out of the buffers. ln1.hook_scale is that of hook_resid_pre, which every head reads but those
 * with an edited input of their own; ln2.hook_scale is that of what the MLP reads, hook_mlp_in's edits included.
 */
export async function captureBlock(
  layer: number,
  placed: Placed,
  buffers: RowBuffers,
  pattern: PatternRows | null,
  session: ModelSession,
  results: Results,
): Promise<void> {
  const { sequence } = placed;
  for (const capture of sequence.captures.get(layer) ?? []) {
    const data = await captured(layer, capture, placed, buffers, pattern, session);
    results.get(sequence.index)!.captures.set(capture.name as HookName, data);
  }
}

async function captured(
  layer: number,
  { point, positions }: PointCapture,
  { sequence, row }: Placed,
  buffers: RowBuffers,
  pattern: PatternRows | null,
  session: ModelSession,
): Promise<Float32Array> {
  const own = sequence.length - sequence.start;
  const [first, count] = positions === "last" ? [row + own - 1, 1] : [row, own];
  const { facts } = session.spec;
  switch (point) {
    case "attn.hook_pattern":
      return positions === "last" ? lastQuery(pattern!, facts.heads) : pattern!.data.slice();
    case "attn.hook_result":
      return headResults(session, layer, buffers, first, count);
    case "ln1.hook_scale":
      return normScale(rowsOf(buffers.residPre, first, count, facts.width).data as Float32Array, facts);
    case "ln2.hook_scale":
      return normScale(
        rowsOf(mlpReads(sequence, layer, buffers), first, count, facts.width).data as Float32Array,
        facts,
      );
    default: {
      const data = buffers.of(point as Parameters<RowBuffers["of"]>[0]);
      const width = data.length / buffers.rows;
      return data.slice(first * width, (first + count) * width);
    }
  }
}

const mlpReads = (sequence: Sequence, layer: number, buffers: RowBuffers): Float32Array =>
  editsOf(sequence, layer, "hook_mlp_in").length > 0 ? buffers.mlpIn : buffers.residMid;

function lastQuery({ data, own, all }: PatternRows, heads: number): Float32Array {
  const out = new Float32Array(heads * all);
  for (let head = 0; head < heads; head++) {
    const at = (head * own + own - 1) * all;
    out.set(data.subarray(at, at + all), head * all);
  }
  return out;
}

async function headResults(
  session: ModelSession,
  layer: number,
  buffers: RowBuffers,
  first: number,
  count: number,
): Promise<Float32Array> {
  const { heads, headWidth, width } = session.spec.facts;
  const out = new Float32Array(count * heads * width);
  // Row by row a head result is `heads` times as wide as the residual stream: small chunks bound the memory.
  await inChunks(
    0,
    count,
    (start, rows) =>
      session.runBlock(
        "head-result",
        layer,
        { z: rowsOf(buffers.z, first + start, rows, heads * headWidth) },
        {
          result: {
            data: out.subarray(start * heads * width, (start + rows) * heads * width),
            dims: [rows, heads, width],
          },
        },
      ),
    256,
  );
  return out;
}

/** hook_scale of a norm: sqrt(var + eps) for LayerNorm, sqrt(mean square + eps) for RMSNorm, one number per row. */
export function normScale(rows: Float32Array, { width, norm }: ModelFacts): Float32Array {
  const out = new Float32Array(rows.length / width);
  for (let row = 0; row < out.length; row++) {
    let sum = 0;
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += rows[i]!;
    const mean = norm.kind === "rms" ? 0 : sum / width;
    for (let i = row * width; i < (row + 1) * width; i++) squares += (rows[i]! - mean) ** 2;
    out[row] = Math.sqrt(squares / width + norm.epsilon);
  }
  return out;
}
