import type { BlockPoint } from "../hooks/hook-points.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { BaseWave } from "./base-wave.ts";
import { BlockStep, CHUNK_ROWS, rotaryRows } from "./block-step.ts";
import { captureBlock, needs, type PatternRows, type Results } from "./captures.ts";
import { addRows, applyEdits, type EditSources, type Placed } from "./edits.ts";
import { InputEdits } from "./input-edits.ts";
import { knockoutMask } from "./knockouts.ts";
import { RowBuffers } from "./row-buffers.ts";
import { editsOf, type Sequence } from "./sequences.ts";
import {
  type AttentionCall,
  attentionCalls,
  chunksOf,
  own,
  place,
  skipsAttention,
} from "./variant-chunks.ts";

/** The passes of a batch with edits or knockouts: each joins at its first changed layer and from then on moves as rows of its own. */
export class VariantWave {
  /** Residual stream of all variants' own rows, `[rows, d_model]`, between blocks. */
  readonly residual: Float32Array;
  private chunk: RowBuffers | null = null;
  private readonly sources: EditSources;
  private readonly inputEdits: InputEdits;

  constructor(
    private readonly session: ModelSession,
    private readonly sequences: readonly Sequence[],
    rows: number,
    private readonly bases: BaseWave,
    byIndex: ReadonlyMap<number, Sequence>,
  ) {
    this.sources = { bases: bases.buffers, byIndex };
    this.inputEdits = new InputEdits(session, this.sources);
    this.residual = new Float32Array(rows * session.spec.facts.width);
  }

  /** Moves all variants that have joined through block `layer`. The bases must stand at the same layer. */
  async step(layer: number, results: Results, checkpoint: () => void): Promise<void> {
    const active = this.sequences.filter((s) => s.joinLayer <= layer);
    for (const chunk of chunksOf(active, layer)) {
      checkpoint();
      await this.stepChunk(layer, chunk, results);
    }
  }

  private async stepChunk(layer: number, sequences: readonly Sequence[], results: Results): Promise<void> {
    const rows = sequences.reduce((sum, s) => sum + own(s), 0);
    const buffers = this.chunkBuffers(rows);
    const placed = place(sequences);
    for (const p of placed) this.loadResidual(layer, p, buffers);
    for (const p of placed) this.edit("hook_resid_pre", layer, p, buffers);

    const step = new BlockStep(this.session, layer, buffers);
    const patterns = new Map<Sequence, PatternRows>();
    if (skipsAttention(sequences[0]!, layer)) {
      for (const p of placed) this.copyFromBase("attn.hook_z", p, buffers);
    } else {
      const positions = sequences.flatMap((s) => Array.from({ length: own(s) }, (_, i) => s.start + i));
      await step.attentionInput(0, rows, rotaryRows(this.session, positions));
      await this.inputEdits.apply(layer, placed, buffers);
      for (const p of placed) {
        this.edit("attn.hook_q", layer, p, buffers);
        this.edit("attn.hook_k", layer, p, buffers);
        this.edit("attn.hook_v", layer, p, buffers);
      }
      for (const call of attentionCalls(placed, layer)) await this.attend(step, layer, call, patterns);
    }
    for (const p of placed) this.edit("attn.hook_z", layer, p, buffers);
    await step.attentionOutput(0, rows);
    const { width } = this.session.spec.facts;
    for (const p of placed) {
      if (this.edit("hook_attn_out", layer, p, buffers)) {
        addRows(buffers.residMid, buffers.residPre, buffers.attnOut, p.row, own(p.sequence), width);
      }
      this.edit("hook_resid_mid", layer, p, buffers);
    }
    const apart = this.mlpInputs(layer, placed, buffers);
    const withHidden = needs(sequences, layer, "mlp.hook_pre", "mlp.hook_post");
    await step.mlp(0, rows, withHidden, apart.size > 0 ? "hook_mlp_in" : "hook_resid_mid");
    for (const p of placed) {
      if (this.edit("hook_mlp_out", layer, p, buffers) || apart.has(p)) {
        addRows(buffers.residPost, buffers.residMid, buffers.mlpOut, p.row, own(p.sequence), width);
      }
      this.edit("hook_resid_post", layer, p, buffers);
      await captureBlock(layer, p, buffers, patterns.get(p.sequence) ?? null, this.session, results);
      const at = p.row * width;
      this.residual.set(buffers.residPost.subarray(at, at + own(p.sequence) * width), p.sequence.row * width);
    }
  }

  /** Edits hook_mlp_in, a copy of hook_resid_mid, where a sequence asks for it. @returns those whose MLP reads the copy */
  private mlpInputs(layer: number, placed: readonly Placed[], buffers: RowBuffers): Set<Placed> {
    const apart = placed.filter(({ sequence }) => editsOf(sequence, layer, "hook_mlp_in").length > 0);
    if (apart.length > 0) buffers.mlpIn.set(buffers.residMid);
    for (const p of apart) this.edit("hook_mlp_in", layer, p, buffers);
    return new Set(apart);
  }

  private async attend(
    step: BlockStep,
    layer: number,
    call: AttentionCall,
    patterns: Map<Sequence, PatternRows>,
  ): Promise<void> {
    const sequences = call.placed.map((p) => p.sequence);
    const first = sequences[0]!;
    const withPattern = needs(sequences, layer, "attn.hook_pattern");
    const mask = call.masked ? knockoutMask(sequences, layer, this.session.spec.facts.heads) : null;
    const shape = { prompts: call.prompts, variants: call.variants, own: own(first), past: first.start };
    const pattern =
      first.start === 0
        ? await step.denseAttention(call.from, sequences.length, first.length, withPattern, mask)
        : await step.suffixAttention(call.from, shape, this.past(call), withPattern, mask);
    if (!pattern) return;
    const size = pattern.length / call.placed.length;
    for (const [i, { sequence }] of call.placed.entries()) {
      patterns.set(sequence, {
        data: pattern.subarray(i * size, (i + 1) * size),
        own: own(sequence),
        all: sequence.length,
      });
    }
  }

  /** Keys and values of the bases' positions before the variants' own, one base after the other. */
  private past({ placed, prompts, variants }: AttentionCall): { k: Float32Array; v: Float32Array } {
    const { kvHeads, headWidth } = this.session.spec.facts;
    const width = kvHeads * headWidth;
    const { start } = placed[0]!.sequence;
    const k = new Float32Array(prompts * start * width);
    const v = new Float32Array(prompts * start * width);
    for (let i = 0; i < prompts; i++) {
      const from = placed[i * variants]!.sequence.base!.row * width;
      k.set(this.bases.buffers.k.subarray(from, from + start * width), i * start * width);
      v.set(this.bases.buffers.v.subarray(from, from + start * width), i * start * width);
    }
    return { k, v };
  }

  private loadResidual(layer: number, p: Placed, buffers: RowBuffers): void {
    if (p.sequence.joinLayer === layer) {
      this.copyFromBase("hook_resid_pre", p, buffers);
      return;
    }
    const { width } = this.session.spec.facts;
    const from = p.sequence.row * width;
    buffers.residPre.set(this.residual.subarray(from, from + own(p.sequence) * width), p.row * width);
  }

  private copyFromBase(point: BlockPoint, { sequence, row }: Placed, buffers: RowBuffers): void {
    const source = this.bases.buffers.of(point);
    const width = source.length / this.bases.buffers.rows;
    const from = (sequence.base!.row + sequence.start) * width;
    buffers.of(point).set(source.subarray(from, from + own(sequence) * width), row * width);
  }

  private edit(point: BlockPoint, layer: number, placed: Placed, buffers: RowBuffers): boolean {
    return applyEdits(point, layer, placed, buffers, this.sources, this.session.spec.facts);
  }

  private chunkBuffers(rows: number): RowBuffers {
    if (!this.chunk || this.chunk.rows < rows)
      this.chunk = new RowBuffers(Math.max(rows, CHUNK_ROWS), this.session.spec.facts);
    return this.chunk;
  }
}
