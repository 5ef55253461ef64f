import type { ModelFacts } from "../architectures/architecture.ts";
import { type OwnRows, ownRow, type PatternRows } from "./captures.ts";
import { RowBuffers } from "./row-buffers.ts";
import { type Chunk, keyCount, type Member, queryCount } from "./variant-chunks.ts";

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

/** Keeps the buffers of one chunk for the next: fresh memory costs more than the arithmetic (page faults). */
export class BufferPool {
  private readonly kept = new Map<keyof ChunkBuffers, RowBuffers>();

  /** @param rows of a usual chunk: what is allocated at least */
  constructor(
    private readonly facts: ModelFacts,
    private readonly rows: number,
  ) {}

  take({ input, keys, queries, output }: Counts, uniform: boolean): ChunkBuffers {
    const first = this.of("input", input);
    if (uniform) return { input: first, attention: first, output: first };
    const attention = this.of("attention", Math.max(keys, queries));
    return { input: first, attention, output: this.of("output", output) };
  }

  private of(name: keyof ChunkBuffers, rows: number): RowBuffers {
    let buffers = this.kept.get(name);
    if (!buffers || buffers.rows < rows) {
      buffers = new RowBuffers(Math.max(rows, this.rows), this.facts);
      this.kept.set(name, buffers);
    }
    return buffers;
  }
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
