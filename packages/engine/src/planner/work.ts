import type { ModelFacts } from "../architectures/architecture.ts";
import type { Batch } from "./batches.ts";
import { chunkRows } from "./block-step.ts";
import { keptRows } from "./kept-rows.ts";
import { NO_ROWS, type Positions } from "./layer-rows.ts";
import { segmentCalls } from "./segment-calls.ts";
import type { Sequence } from "./sequences.ts";
import { reaches, STAGE } from "./stages.ts";
import { attentionCalls, chunksOf, membersAt, queryCount } from "./variant-chunks.ts";

/** Rows that go through each kind of graph, and calls of them. */
export interface Work {
  /** Rows whose q, k and v are computed. */
  attentionInput: number;
  /** Queries whose attention is computed, and the keys that they see, summed over queries. */
  queries: number;
  scores: number;
  attentionOutput: number;
  mlp: number;
  headResult: number;
  /** Passes with rows of their own, summed over layers. */
  members: number;
  /** Rows unembedded over the whole vocabulary, and single logits. */
  logits: number;
  queried: number;
  calls: number;
}

export const noWork = (): Work => ({
  attentionInput: 0,
  queries: 0,
  scores: 0,
  attentionOutput: 0,
  mlp: 0,
  headResult: 0,
  members: 0,
  logits: 0,
  queried: 0,
  calls: 0,
});

export function addWork(into: Work, other: Work): void {
  for (const key of Object.keys(into) as (keyof Work)[]) into[key] += other[key];
}

/** What a batch will compute, by the same rules by which it is computed. */
export function workOf(batch: Batch, facts: ModelFacts): Work {
  const work = noWork();
  const byIndex = new Map(batch.bases.map((s) => [s.index, s]));
  const changed = new Map<Sequence, Positions>();
  for (let layer = 0; layer <= batch.end.layer; layer++) {
    baseWork(work, batch, byIndex, layer, facts);
    variantWork(work, batch, changed, layer, facts);
  }
  for (const s of [...batch.bases, ...batch.variants]) {
    const { pass } = s;
    for (const own of s.captures.values())
      for (const { point, positions } of own)
        if (point === "attn.hook_result") work.headResult += positions === "all" ? s.length : 1;
    if (pass.logits) work.logits += pass.logits === "all" ? s.length : 1;
    work.queried += pass.query?.tokens.length ?? 0;
  }
  return work;
}

function baseWork(
  work: Work,
  batch: Batch,
  byIndex: ReadonlyMap<number, Sequence>,
  layer: number,
  facts: ModelFacts,
): void {
  const { end, baseRows, segments } = batch;
  if (!reaches(end, layer, STAGE.attention)) return;
  work.attentionInput += baseRows;
  work.queries += baseRows;
  for (const { start, tokens } of segments) work.scores += tokens.length * (start + tokens.length);
  const chunks = (rows: number) => Math.ceil(rows / chunkRows(facts));
  work.calls += chunks(baseRows) + segmentCalls(segments, facts.heads).length;
  if (!reaches(end, layer, STAGE.output)) return;
  const kept = keptRows(batch, byIndex, layer, facts)?.length ?? baseRows;
  work.attentionOutput += kept;
  work.mlp += kept;
  work.calls += 2 * chunks(kept);
}

function variantWork(
  work: Work,
  { variants }: Batch,
  changed: Map<Sequence, Positions>,
  layer: number,
  facts: ModelFacts,
): void {
  const members = membersAt(variants, layer, facts.layers, (s) => changed.get(s) ?? NO_ROWS);
  for (const { members: own, stage, ...computed } of chunksOf(members, layer, chunkRows(facts))) {
    if (stage >= STAGE.attention) work.calls += Number(computed.qkv) + attentionCalls(own, layer).length;
    if (stage >= STAGE.output) work.calls += Number(computed.attention);
    if (stage === STAGE.mlp) work.calls += Number(computed.mlp);
    work.members += own.length;
    for (const member of own) {
      const { sequence, rows } = member;
      if (stage >= STAGE.attention) {
        if (rows.qkv) work.attentionInput += rows.input.length;
        work.queries += queryCount(member);
        work.scores += queryCount(member) * sequence.length;
      }
      if (stage >= STAGE.output && rows.attention) work.attentionOutput += rows.output.length;
      if (stage === STAGE.mlp) {
        if (rows.mlp) work.mlp += rows.output.length;
        changed.set(sequence, rows.output);
      }
    }
  }
}

/** Multiplications and additions of the matrix products, two to a pair. `mlpMatrices`: 2, or 3 where the MLP is gated. */
export function flopsOf(work: Work, facts: ModelFacts, mlpMatrices: number): number {
  const { width, heads, kvHeads, headWidth, mlpWidth, vocabulary } = facts;
  const inner = heads * headWidth;
  return (
    2 *
    (work.attentionInput * width * (inner + 2 * kvHeads * headWidth) +
      work.scores * 2 * inner +
      (work.attentionOutput + work.headResult) * inner * width +
      work.mlp * width * mlpWidth * mlpMatrices +
      work.logits * width * vocabulary +
      work.queried * width)
  );
}
