import { type OwnRows, ownRow, type PatternRows } from "./captures.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { type Chunk, keyCount, type Member, queryCount } from "./variant-chunks.ts";
import type { Workspace } from "./workspace.ts";

/** A member with the first of its rows in each of the chunk's buffers. */
export interface PlacedMember extends Member {
  inputAt: number;
  keysAt: number;
  queriesAt: number;
  outputAt: number;
  /** Its attention pattern, once computed and asked for. */
  pattern: PatternRows | null;
}

interface Counts {
  input: number;
  keys: number;
  queries: number;
  output: number;
}

export function placeMembers({ members }: Chunk): { members: PlacedMember[]; counts: Counts } {
  const counts: Counts = { input: 0, keys: 0, queries: 0, output: 0 };
  const placed = members.map((member): PlacedMember => {
    const own = {
      ...member,
      inputAt: counts.input,
      keysAt: counts.keys,
      queriesAt: counts.queries,
      outputAt: counts.output,
      pattern: null,
    };
    counts.input += member.rows.input.length;
    counts.keys += keyCount(member);
    counts.queries += queryCount(member);
    counts.output += member.rows.output.length;
    return own;
  });
  return { members: placed, counts };
}

/**
 * The rows of a chunk at the three steps of a block: those whose q, k and v are computed, those that attend and are attended to, and those that
 * go on. In a uniform chunk they are the same rows and lie in one place.
 */
export interface ChunkBuffers {
  input: RowBuffers;
  attention: RowBuffers;
  output: RowBuffers;
}

/** @param usual rows of a usual chunk: what is allocated at least */
export function chunkBuffers(
  workspace: Workspace,
  { input, keys, queries, output }: Counts,
  uniform: boolean,
  usual: number,
): ChunkBuffers {
  const first = workspace.take("input", input, usual);
  if (uniform) return { input: first, attention: first, output: first };
  return {
    input: first,
    attention: workspace.take("attention", Math.max(keys, queries), usual),
    output: workspace.take("output", output, usual),
  };
}

/** Keys and values of a member's call, and its queries: its own, or its base's. */
export function loadAttention(
  { sequence, rows, inputAt, keysAt, queriesAt }: PlacedMember,
  { input, attention }: ChunkBuffers,
  bases: RowBuffers,
): void {
  if (rows.keysFrom === null) return;
  const own: OwnRows = { positions: rows.input, row: inputAt, buffers: input };
  for (let position = rows.keysFrom; position < sequence.length; position++) {
    const row = ownRow(own, position);
    const from = row < 0 ? bases : input;
    const at = row < 0 ? sequence.base!.rows[position]! : row;
    const key = keysAt + position - rows.keysFrom;
    attention.copyRow("attn.hook_k", key, from, at);
    attention.copyRow("attn.hook_v", key, from, at);
    if (position >= rows.queriesFrom)
      attention.copyRow("attn.hook_q", queriesAt + position - rows.queriesFrom, from, at);
  }
}

/** z and residual stream of the rows that go on. */
export function loadOutput(
  { sequence, rows, inputAt, queriesAt, outputAt }: PlacedMember,
  { input, attention, output }: ChunkBuffers,
  bases: RowBuffers,
): void {
  const own: OwnRows = { positions: rows.input, row: inputAt, buffers: input };
  for (const [i, position] of rows.output.entries()) {
    const baseRow = sequence.base!.rows[position]!;
    const attended = rows.keysFrom !== null && position >= rows.queriesFrom;
    const query = queriesAt + position - rows.queriesFrom;
    if (attended) output.copyRow("attn.hook_z", outputAt + i, attention, query);
    else output.copyRow("attn.hook_z", outputAt + i, bases, baseRow);
    const row = ownRow(own, position);
    if (row < 0) output.copyRow("hook_resid_pre", outputAt + i, bases, baseRow);
    else output.copyRow("hook_resid_pre", outputAt + i, input, row);
  }
}
