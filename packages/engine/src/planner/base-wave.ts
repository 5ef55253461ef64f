import type { ModelSession } from "../session/model-session.ts";
import type { Batch } from "./batches.ts";
import { BlockStep, type RotaryRows, rotaryRows } from "./block-step.ts";
import { needs, type PatternRows } from "./captures.ts";
import type { Segment } from "./prefix-tree.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { inCalls, type SegmentCall, segmentCalls } from "./segment-calls.ts";
import type { Sequence } from "./sequences.ts";
import { reaches, STAGE } from "./stages.ts";
import type { Workspace } from "./workspace.ts";

/** The unedited passes of a batch at the layer being computed, one row per shared position. Variants read their sources here. */
export class BaseWave {
  readonly buffers: RowBuffers;
  /** Attention patterns of each run of tokens, where someone asked for them: `[head, own, start + own]`. */
  private readonly patterns = new Map<Segment, PatternRows>();
  private readonly rotary: RotaryRows | null;
  private readonly calls: readonly SegmentCall[];
  /** By the first row of the run. */
  private readonly segmentAt: ReadonlyMap<number, Segment>;

  constructor(
    private readonly session: ModelSession,
    private readonly batch: Batch,
    private readonly workspace: Workspace,
    private readonly checkpoint: () => void,
  ) {
    this.buffers = workspace.take("bases", batch.baseRows);
    this.rotary = rotaryRows(session, positionsOf(batch));
    this.calls = segmentCalls(batch.segments, session.spec.facts.heads);
    this.segmentAt = new Map(batch.segments.map((segment) => [segment.row, segment]));
  }

  /**
   * Computes block `layer` from `buffers.residPre`; all its hook points then stand in the buffers.
   * @param kept rows of use after the attention; null for all of them
   */
  async step(layer: number, kept: Int32Array | null): Promise<void> {
    const { buffers, batch } = this;
    if (!reaches(batch.end, layer, STAGE.attention)) return;
    const step = new BlockStep(this.session, layer, buffers, this.checkpoint);
    await step.attentionInput(0, batch.baseRows, this.rotary);
    await this.attend(step, layer);
    if (!reaches(batch.end, layer, STAGE.output)) return;
    const withHidden = needs([...batch.bases, ...batch.variants], layer, "mlp.hook_pre", "mlp.hook_post");
    if (kept === null || kept.length === batch.baseRows) {
      await step.attentionOutput(0, batch.baseRows);
      await step.mlp(0, batch.baseRows, withHidden);
    } else if (kept.length > 0) await this.finishSome(layer, kept, withHidden);
  }

  /** Whole pattern of a prompt at the layer last computed, `[head, query, key]`; keys after a query have weight 0. */
  patternOf({ rows, length }: Sequence): Float32Array {
    const { heads } = this.session.spec.facts;
    const out = new Float32Array(heads * length * length);
    for (let position = 0; position < length; ) {
      const segment = this.segmentAt.get(rows[position]!)!;
      const { data, own, all } = this.patterns.get(segment)!;
      position = segment.start + own;
      const queries = Math.min(own, length - segment.start);
      const keys = Math.min(all, length);
      for (let head = 0; head < heads; head++) {
        for (let i = 0; i < queries; i++) {
          const from = (head * own + i) * all;
          out.set(data.subarray(from, from + keys), (head * length + segment.start + i) * length);
        }
      }
    }
    return out;
  }

  /** The block's output becomes the next block's input. */
  advance(): void {
    this.buffers.residPre.set(this.buffers.residPost);
  }

  private async attend(step: BlockStep, layer: number): Promise<void> {
    const { bases, variants } = this.batch;
    const withPattern = needs([...bases, ...variants], layer, "attn.hook_pattern");
    this.patterns.clear();
    for (const call of this.calls) {
      const { segments, shape } = call;
      const rows = { queries: segments[0]!.row, keys: segments[0]!.row };
      const pattern =
        shape.past === 0
          ? await step.denseAttention(rows, segments.length, shape.keys, withPattern)
          : await step.suffixAttention(
              rows,
              shape,
              this.workspace.gatherKeys(this.buffers, call.past),
              withPattern,
            );
      if (!pattern) continue;
      const size = pattern.length / segments.length;
      for (const [i, segment] of segments.entries())
        this.patterns.set(segment, {
          data: pattern.subarray(i * size, (i + 1) * size),
          own: shape.keys,
          all: shape.past + shape.keys,
        });
    }
  }

  /** Attention output and MLP of some rows only: they are set side by side and put back. */
  private async finishSome(layer: number, rows: Int32Array, withHidden: boolean): Promise<void> {
    const { buffers } = this;
    const points = ["hook_attn_out", "hook_resid_mid", "hook_mlp_out", "hook_resid_post"] as const;
    const hidden = withHidden ? (["mlp.hook_pre", "mlp.hook_post"] as const) : [];
    await inCalls(rows, async (some) => {
      const scratch = this.workspace.take("some", some.length);
      for (const [i, row] of some.entries()) {
        scratch.copyRow("attn.hook_z", i, buffers, row);
        scratch.copyRow("hook_resid_pre", i, buffers, row);
      }
      const step = new BlockStep(this.session, layer, scratch, this.checkpoint);
      await step.attentionOutput(0, some.length);
      await step.mlp(0, some.length, withHidden);
      for (const [i, row] of some.entries())
        for (const point of [...points, ...hidden]) buffers.copyRow(point, row, scratch, i);
    });
  }
}

const positionsOf = ({ segments, baseRows }: Batch): Int32Array => {
  const positions = new Int32Array(baseRows);
  for (const { row, start, tokens } of segments)
    for (let i = 0; i < tokens.length; i++) positions[row + i] = start + i;
  return positions;
};
