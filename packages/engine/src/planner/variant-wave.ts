import { type BlockPoint, mlpReads } from "../hooks/hook-points.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { BaseWave } from "./base-wave.ts";
import type { Batch } from "./batches.ts";
import { BlockStep, chunkRows, rotaryRows } from "./block-step.ts";
import { captureBlock, needs, type OwnRows, type Placed, type Results } from "./captures.ts";
import {
  type ChunkBuffers,
  chunkBuffers,
  loadAttention,
  loadOutput,
  type PlacedMember,
  placeMembers,
} from "./chunk-buffers.ts";
import { applyEdits, type EditSources } from "./edits.ts";
import { InputEdits } from "./input-edits.ts";
import { NO_ROWS, type Positions } from "./layer-rows.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { editsOf, type Sequence } from "./sequences.ts";
import { STAGE } from "./stages.ts";
import { attend } from "./suffix-calls.ts";
import { type Chunk, chunksOf, membersAt } from "./variant-chunks.ts";
import type { Workspace } from "./workspace.ts";

/** The passes of a batch with edits or knockouts: each joins at its first changed layer and moves as the rows that differ from its base's. */
export class VariantWave {
  /** Residual stream of all variants' own rows, `[rows, d_model]`, between blocks. */
  private readonly residual: Float32Array;
  /** Positions of a variant whose residual stream differs from its base's. */
  private readonly changed = new Map<Sequence, Positions>();
  private readonly sources: EditSources;
  private readonly inputEdits: InputEdits;
  private readonly maxRows: number;

  constructor(
    private readonly session: ModelSession,
    private readonly batch: Batch,
    private readonly bases: BaseWave,
    private readonly workspace: Workspace,
    private readonly checkpoint: () => void,
  ) {
    const byIndex = new Map(batch.bases.map((s) => [s.index, s]));
    this.sources = { bases: bases.buffers, byIndex };
    this.inputEdits = new InputEdits(session, this.sources);
    this.residual = new Float32Array(batch.variantRows * session.spec.facts.width);
    this.maxRows = chunkRows(session.spec.facts);
  }

  /** Moves all variants through block `layer`. The bases must stand at the same layer. */
  async step(layer: number, results: Results): Promise<void> {
    const { variants } = this.batch;
    const { layers } = this.session.spec.facts;
    const members = membersAt(variants, layer, layers, (s) => this.changedOf(s));
    const moved = new Set(members.map(({ sequence }) => sequence));
    const captured = variants.filter((s) => s.captures.has(layer));
    // Asked of variants that do not differ here: their base's numbers.
    await captureBlock(
      layer,
      captured.filter((s) => !moved.has(s)).map(asBase),
      this.bases,
      this.session,
      results,
    );
    for (const chunk of chunksOf(members, layer, this.maxRows)) {
      this.checkpoint();
      await this.stepChunk(layer, chunk, results);
    }
  }

  /** Residual row of a position after the last block that was computed: its own, or its base's. */
  finalRow(s: Sequence, position: number): Float32Array {
    const { width } = this.session.spec.facts;
    if (!this.changedOf(s).includes(position)) {
      const at = s.base!.rows[position]! * width;
      return this.bases.buffers.residPre.subarray(at, at + width);
    }
    const at = this.place(s, position) * width;
    return this.residual.subarray(at, at + width);
  }

  private changedOf(s: Sequence): Positions {
    return this.changed.get(s) ?? NO_ROWS;
  }

  private place(s: Sequence, position: number): number {
    return s.row + position - s.start;
  }

  private async stepChunk(layer: number, chunk: Chunk, results: Results): Promise<void> {
    const { members, counts } = placeMembers(chunk);
    const buffers = chunkBuffers(this.workspace, counts, chunk.uniform, this.maxRows);
    const placed = members.map((member) => withRows(member, buffers));
    for (const p of placed) this.loadResidual(p);
    for (const p of placed) this.edit("hook_resid_pre", layer, p.sequence, p.input);
    if (chunk.stage >= STAGE.attention) await this.toZ(layer, chunk, placed, buffers);
    if (chunk.stage >= STAGE.output && counts.output > 0)
      await this.toResidual(layer, chunk, placed, buffers.output);
    await captureBlock(
      layer,
      placed.filter(({ sequence }) => sequence.captures.has(layer)),
      this.bases,
      this.session,
      results,
    );
    if (chunk.stage === STAGE.mlp) for (const p of placed) this.keepResidual(p);
  }

  /** q, k and v of the changed rows, attention, and z of the rows that go on. */
  private async toZ(
    layer: number,
    chunk: Chunk,
    placed: readonly PlacedRows[],
    buffers: ChunkBuffers,
  ): Promise<void> {
    const { session, bases } = this;
    const positions = placed.flatMap(({ rows }) => rows.input);
    if (chunk.qkv && positions.length > 0) {
      const step = new BlockStep(session, layer, buffers.input, this.checkpoint);
      await step.attentionInput(0, positions.length, rotaryRows(session, positions));
      await this.inputEdits.apply(layer, placed, buffers.input);
      for (const { sequence, input: own } of placed) {
        this.edit("attn.hook_q", layer, sequence, own);
        this.edit("attn.hook_k", layer, sequence, own);
        this.edit("attn.hook_v", layer, sequence, own);
      }
    }
    if (!chunk.uniform) for (const p of placed) loadAttention(p, buffers, bases.buffers);
    const step = new BlockStep(session, layer, buffers.attention, this.checkpoint);
    await attend(step, layer, placed, bases.buffers, this.workspace, session.spec.facts);
    if (!chunk.uniform) for (const p of placed) loadOutput(p, buffers, bases.buffers);
    for (const { sequence, output: own } of placed) this.edit("attn.hook_z", layer, sequence, own);
  }

  /** Attention output and MLP. */
  private async toResidual(
    layer: number,
    chunk: Chunk,
    placed: readonly PlacedRows[],
    output: RowBuffers,
  ): Promise<void> {
    const rows = placed.reduce((sum, p) => sum + p.rows.output.length, 0);
    const step = new BlockStep(this.session, layer, output, this.checkpoint);
    if (chunk.attention) await step.attentionOutput(0, rows);
    for (const { sequence, output: own } of placed) {
      const count = own.positions.length;
      if (this.edit("hook_attn_out", layer, sequence, own) || !chunk.attention)
        await step.addToStream("attention", own.row, count);
      this.edit("hook_resid_mid", layer, sequence, own);
    }
    if (chunk.stage < STAGE.mlp) return;
    const apart = this.mlpInputs(layer, placed, output);
    const sequences = placed.map(({ sequence }) => sequence);
    const withHidden = needs(sequences, layer, "mlp.hook_pre", "mlp.hook_post");
    if (chunk.mlp) await step.mlp(0, rows, withHidden, apart.size > 0 ? "hook_mlp_in" : undefined);
    for (const { sequence, output: own } of placed) {
      if (this.edit("hook_mlp_out", layer, sequence, own) || apart.has(sequence) || !chunk.mlp)
        await step.addToStream("mlp", own.row, own.positions.length);
      this.edit("hook_resid_post", layer, sequence, own);
    }
  }

  /** Edits hook_mlp_in, a copy of what the MLP reads, where a sequence asks for it. @returns those whose MLP reads the copy */
  private mlpInputs(layer: number, placed: readonly PlacedRows[], output: RowBuffers): Set<Sequence> {
    const apart = placed.filter(({ sequence }) => editsOf(sequence, layer, "hook_mlp_in").length > 0);
    if (apart.length > 0) output.mlpIn.set(output.of(mlpReads(this.session.spec.facts)));
    for (const { sequence, output: own } of apart) this.edit("hook_mlp_in", layer, sequence, own);
    return new Set(apart.map(({ sequence }) => sequence));
  }

  /** Residual stream of the input rows: what the last block left, or the base's where this row joins. */
  private loadResidual({ sequence, rows, input: own }: PlacedRows): void {
    const { width } = this.session.spec.facts;
    const changed = this.changedOf(sequence);
    for (const [i, position] of rows.input.entries()) {
      if (changed === rows.input || changed.includes(position)) {
        const from = this.place(sequence, position) * width;
        own.buffers.residPre.set(this.residual.subarray(from, from + width), (own.row + i) * width);
      } else
        own.buffers.copyRow(
          "hook_resid_pre",
          own.row + i,
          this.bases.buffers,
          sequence.base!.rows[position]!,
        );
    }
  }

  private keepResidual({ sequence, rows, output: own }: PlacedRows): void {
    const { width } = this.session.spec.facts;
    this.changed.set(sequence, rows.output);
    for (const [i, position] of rows.output.entries()) {
      const from = (own.row + i) * width;
      const row = own.buffers.residPost.subarray(from, from + width);
      this.residual.set(row, this.place(sequence, position) * width);
    }
  }

  private edit(point: BlockPoint, layer: number, sequence: Sequence, own: OwnRows): boolean {
    if (!sequence.edits.has(layer)) return false;
    return applyEdits(point, layer, sequence, own, this.sources, this.session.spec.facts);
  }
}

type PlacedRows = PlacedMember & Placed & { input: OwnRows; output: OwnRows };

const withRows = (member: PlacedMember, { input, output }: ChunkBuffers): PlacedRows => ({
  ...member,
  input: { positions: member.rows.input, row: member.inputAt, buffers: input },
  output: { positions: member.rows.output, row: member.outputAt, buffers: output },
});

const asBase = (sequence: Sequence): Placed => ({ sequence, input: null, output: null, pattern: null });
