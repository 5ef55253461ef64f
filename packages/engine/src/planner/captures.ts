import type { ModelFacts } from "../architectures/architecture.ts";
import { type BlockPoint, type HookName, type HookPoint, mlpReads } from "../hooks/hook-points.ts";
import { rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import { inChunks } from "./block-step.ts";
import type { PassResult } from "./forward-pass.ts";
import type { Positions } from "./layer-rows.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { editsOf, type PointCapture, type Sequence } from "./sequences.ts";
import { STAGE, stageOf } from "./stages.ts";

export type Results = Map<number, { captures: Map<HookName, Float32Array> } & PassResult>;

/** A head's pattern rows of one sequence: `[head, own, all]`. */
export interface PatternRows {
  data: Float32Array;
  own: number;
  all: number;
}

/** Rows of a variant that are its own: those of `positions` follow each other from `row` on. */
export interface OwnRows {
  positions: Positions;
  row: number;
  buffers: RowBuffers;
}

/** Where the numbers of a sequence at a layer stand; what it does not have itself is its base's. */
export interface Placed {
  sequence: Sequence;
  /** Residual stream, q, k and v. */
  input: OwnRows | null;
  /** z and all that follows. */
  output: OwnRows | null;
  /** Its last rows. */
  pattern: PatternRows | null;
}

/** The bases of the batch at the same layer. */
export interface BaseRows {
  buffers: RowBuffers;
  /** Whole pattern of a base, `[head, query, key]`. */
  patternOf(base: Sequence): Float32Array;
}

export const needs = (sequences: readonly Sequence[], layer: number, ...points: HookPoint[]): boolean =>
  sequences.some((s) => s.captures.get(layer)?.some(({ point }) => points.includes(point)));

/** The row of a position, or -1 where it is the base's. */
export function ownRow(own: OwnRows | null, position: number): number {
  if (!own) return -1;
  const { positions, row } = own;
  const first = positions[0];
  if (first === undefined || position < first) return -1;
  // Most lists are whole suffixes.
  if (positions[position - first] === position) return row + position - first;
  const at = positions.indexOf(position);
  return at < 0 ? -1 : row + at;
}

/**
 * Copies what sequences asked for at this layer out of the buffers. ln1.hook_scale is that of hook_resid_pre, which every head reads but those
 * with an edited input of their own; ln2.hook_scale is that of what the MLP reads, hook_mlp_in's edits included.
 */
export async function captureBlock(
  layer: number,
  placed: readonly Placed[],
  bases: BaseRows,
  session: ModelSession,
  results: Results,
): Promise<void> {
  const { facts } = session.spec;
  const ofHeads: { z: Float32Array; keep: (result: Float32Array) => void }[] = [];
  for (const p of placed) {
    for (const capture of p.sequence.captures.get(layer) ?? []) {
      const { captures } = results.get(p.sequence.index)!;
      const keep = (data: Float32Array) => captures.set(capture.name as HookName, data);
      if (capture.point === "attn.hook_result")
        ofHeads.push({ z: gathered("attn.hook_z", capture, p, bases), keep });
      else if (capture.point === "ln1_post.hook_scale")
        keep(await attentionPostScale(session, layer, gathered("attn.hook_z", capture, p, bases)));
      else keep(captured(layer, capture, p, bases, facts));
    }
  }
  await headResults(session, layer, ofHeads);
}

function captured(
  layer: number,
  capture: PointCapture,
  placed: Placed,
  bases: BaseRows,
  facts: ModelFacts,
): Float32Array {
  const { sequence } = placed;
  switch (capture.point) {
    case "attn.hook_pattern":
      return patternOf(capture, placed, bases, facts.heads);
    case "ln1.hook_scale":
      return normScale(gathered("hook_resid_pre", capture, placed, bases), facts);
    case "ln2.hook_scale": {
      const reads = mlpReads(facts);
      if (editsOf(sequence, layer, "hook_mlp_in").length === 0)
        return normScale(gathered(reads, capture, placed, bases), facts);
      return normScale(gathered(reads, capture, placed, bases, "hook_mlp_in", placed.output), facts);
    }
    default:
      return gathered(capture.point as BlockPoint, capture, placed, bases);
  }
}

/** A point's rows of one sequence, `[position, ...]`, its own where it has them. `ownPoint`: where its own stand. */
function gathered(
  point: BlockPoint,
  { positions }: PointCapture,
  { sequence, input, output }: Placed,
  bases: BaseRows,
  ownPoint: BlockPoint = point,
  own: OwnRows | null = stageOf(point) <= STAGE.attention && point !== "attn.hook_z" ? input : output,
): Float32Array {
  const { rows } = sequence.base ?? sequence;
  const base = bases.buffers.of(point);
  const width = base.length / bases.buffers.rows;
  const first = positions === "last" ? sequence.length - 1 : 0;
  const out = new Float32Array((sequence.length - first) * width);
  for (let position = first; position < sequence.length; position++) {
    const row = ownRow(own, position);
    const from = row < 0 ? base : own!.buffers.of(ownPoint);
    const at = (row < 0 ? rows[position]! : row) * width;
    const to = (position - first) * width;
    if (width === 1) out[to] = from[at]!;
    else out.set(from.subarray(at, at + width), to);
  }
  return out;
}

/** `[head, key]` of the last query, or `[head, query, key]`: the base's but for the sequence's own last rows. */
function patternOf(
  { positions }: PointCapture,
  { sequence, pattern }: Placed,
  bases: BaseRows,
  heads: number,
): Float32Array {
  const { length } = sequence;
  if (positions === "last") {
    if (pattern) return lastQuery(pattern, heads);
    const whole = bases.patternOf(sequence.base ?? sequence);
    return lastQuery({ data: whole, own: length, all: length }, heads);
  }
  if (pattern?.own === length) return pattern.data.slice();
  const whole = bases.patternOf(sequence.base ?? sequence);
  if (!pattern) return whole;
  const { own, data } = pattern;
  for (let head = 0; head < heads; head++)
    whole.set(
      data.subarray(head * own * length, (head + 1) * own * length),
      ((head + 1) * length - own) * length,
    );
  return whole;
}

function lastQuery({ data, own, all }: PatternRows, heads: number): Float32Array {
  const out = new Float32Array(heads * all);
  for (let head = 0; head < heads; head++) {
    const at = (head * own + own - 1) * all;
    out.set(data.subarray(at, at + all), head * all);
  }
  return out;
}

// Row by row a head result is `heads` times as wide as the residual stream: small chunks bound the memory.
const RESULT_ROWS = 256;

/** hook_result of many sequences' z rows, `[position, head, d_model]` each. */
async function headResults(
  session: ModelSession,
  layer: number,
  wanted: readonly { z: Float32Array; keep: (result: Float32Array) => void }[],
): Promise<void> {
  const { heads, headWidth, width } = session.spec.facts;
  const inner = heads * headWidth;
  const run = async (z: Float32Array, rows: number): Promise<Float32Array> => {
    const data = new Float32Array(rows * heads * width);
    await inChunks(
      0,
      rows,
      (start, count) =>
        session.runBlock(
          "head-result",
          layer,
          { z: rowsOf(z, start, count, inner) },
          {
            result: {
              data: data.subarray(start * heads * width, (start + count) * heads * width),
              dims: [count, heads, width],
            },
          },
        ),
      RESULT_ROWS,
    );
    return data;
  };
  let group: typeof wanted = [];
  let rows = 0;
  const flush = async () => {
    const z = new Float32Array(rows * inner);
    let at = 0;
    for (const own of group) {
      z.set(own.z, at);
      at += own.z.length;
    }
    const data = await run(z, rows);
    at = 0;
    for (const own of group) {
      const size = (own.z.length / inner) * heads * width;
      own.keep(group.length === 1 ? data : data.slice(at, at + size));
      at += size;
    }
    [group, rows] = [[], 0];
  };
  for (const own of wanted) {
    if (rows > 0 && rows + own.z.length / inner > RESULT_ROWS) await flush();
    group = [...group, own];
    rows += own.z.length / inner;
  }
  if (rows > 0) await flush();
}

/** ln1_post.hook_scale of rows of z. */
async function attentionPostScale(
  session: ModelSession,
  layer: number,
  z: Float32Array,
): Promise<Float32Array> {
  const { heads, headWidth } = session.spec.facts;
  const inner = heads * headWidth;
  const out = new Float32Array(z.length / inner);
  await inChunks(0, out.length, (start, rows) =>
    session.runBlock(
      "attention-post-scale",
      layer,
      { z: rowsOf(z, start, rows, inner) },
      { scale: rowsOf(out, start, rows, 1) },
    ),
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
