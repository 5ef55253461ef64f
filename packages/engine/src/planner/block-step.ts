import type { BlockPoint } from "../hooks/hook-points.ts";
import { int64, rowsOf } from "../session/arrays.ts";
import type { AttentionPart, ModelSession } from "../session/model-session.ts";
import type { Array2 } from "../session/onnx-session.ts";
import type { RowBuffers } from "./row-buffers.ts";

/** Rows per call of a graph: more costs memory and gains nothing (measured between 768 and 1536). */
export const CHUNK_ROWS = 1024;

/** cos and sin of each row's position, `[rows, d_head / 2]`; empty inputs where the model does not rotate. */
export interface RotaryRows {
  cos: Float32Array;
  sin: Float32Array;
}

export function rotaryRows(session: ModelSession, positions: ArrayLike<number>): RotaryRows | null {
  const frequencies = session.spec.rotary?.inverseFrequencies;
  if (!frequencies) return null;
  const half = frequencies.length;
  const cos = new Float32Array(positions.length * half);
  const sin = new Float32Array(positions.length * half);
  for (let row = 0; row < positions.length; row++) {
    for (let i = 0; i < half; i++) {
      const angle = positions[row]! * frequencies[i]!;
      cos[row * half + i] = Math.cos(angle);
      sin[row * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** The graphs of one block over rows `[from, from + count)` of the buffers, cut at the hook points that can be edited. */
export class BlockStep {
  constructor(
    private readonly session: ModelSession,
    private readonly layer: number,
    private readonly buffers: RowBuffers,
  ) {}

  async attentionInput(
    from: number,
    count: number,
    rotary: RotaryRows | null,
    rotaryFrom = from,
  ): Promise<void> {
    const { heads, kvHeads, headWidth } = this.session.spec.facts;
    await inChunks(from, count, (start, rows) => {
      const inputs: Record<string, Array2> = { resid_pre: this.rows("hook_resid_pre", start, rows) };
      if (rotary) {
        const at = start - from + rotaryFrom;
        inputs.cos = rowsOf(rotary.cos, at, rows, headWidth / 2);
        inputs.sin = rowsOf(rotary.sin, at, rows, headWidth / 2);
      }
      return this.session.runBlock("attention-input", this.layer, inputs, {
        q: rowsOf(this.buffers.q, start, rows, heads * headWidth),
        k: rowsOf(this.buffers.k, start, rows, kvHeads * headWidth),
        v: rowsOf(this.buffers.v, start, rows, kvHeads * headWidth),
      });
    });
  }

  /**
   * Whole prompts of `length` tokens; `mask` `[prompt, head, query, key]` is added to the scores.
   * @returns pattern `[prompt, head, query, key]` if asked for
   */
  async denseAttention(
    from: number,
    prompts: number,
    length: number,
    withPattern: boolean,
    mask: Float32Array | null = null,
  ): Promise<Float32Array | null> {
    const { heads } = this.session.spec.facts;
    const count = prompts * length;
    const pattern = withPattern ? new Float32Array(prompts * heads * length * length) : null;
    const outputs: Record<string, Array2> = { z: this.rows("attn.hook_z", from, count) };
    const inputs: Record<string, Array2> = { ...this.qkv(from, count), length: int64([length]) };
    const dims = [prompts, heads, length, length];
    if (pattern) outputs.pattern = { data: pattern, dims };
    if (mask) inputs.mask = { data: mask, dims };
    await this.session.runModel(attentionPart("dense", withPattern, mask), inputs, outputs);
    return pattern;
  }

  /**
   * `variants` of each of `prompts` bases with `own` last positions each, after `shape.past` shared ones; `mask`
   * `[prompt * variant, head, own, past + own]` is added to the scores.
   * @returns pattern `[prompt * variant, head, own, past + own]` if asked for
   */
  async suffixAttention(
    from: number,
    shape: { prompts: number; variants: number; own: number; past: number },
    past: { k: Float32Array; v: Float32Array },
    withPattern: boolean,
    mask: Float32Array | null = null,
  ): Promise<Float32Array | null> {
    const { heads, kvHeads, headWidth } = this.session.spec.facts;
    const sequences = shape.prompts * shape.variants;
    const count = sequences * shape.own;
    const all = shape.past + shape.own;
    const pattern = withPattern ? new Float32Array(sequences * heads * shape.own * all) : null;
    const outputs: Record<string, Array2> = { z: this.rows("attn.hook_z", from, count) };
    const dims = [sequences, heads, shape.own, all];
    if (pattern) outputs.pattern = { data: pattern, dims };
    const pastRows = shape.prompts * shape.past;
    const inputs: Record<string, Array2> = {
      ...this.qkv(from, count),
      past_k: rowsOf(past.k, 0, pastRows, kvHeads * headWidth),
      past_v: rowsOf(past.v, 0, pastRows, kvHeads * headWidth),
      counts: int64([shape.prompts, shape.variants, shape.own, shape.past]),
    };
    if (mask) inputs.mask = { data: mask, dims };
    await this.session.runModel(attentionPart("suffix", withPattern, mask), inputs, outputs);
    return pattern;
  }

  async attentionOutput(from: number, count: number): Promise<void> {
    await inChunks(from, count, (start, rows) =>
      this.session.runBlock(
        "attention-output",
        this.layer,
        { z: this.rows("attn.hook_z", start, rows), resid_pre: this.rows("hook_resid_pre", start, rows) },
        {
          attn_out: this.rows("hook_attn_out", start, rows),
          resid_mid: this.rows("hook_resid_mid", start, rows),
        },
      ),
    );
  }

  /** The MLP over rows of `reads`; hook_resid_post comes out as `reads` + hook_mlp_out. */
  async mlp(
    from: number,
    count: number,
    withHidden: boolean,
    reads: "hook_resid_mid" | "hook_mlp_in" = "hook_resid_mid",
  ): Promise<void> {
    await inChunks(from, count, (start, rows) => {
      const outputs: Record<string, Array2> = {
        mlp_out: this.rows("hook_mlp_out", start, rows),
        resid_post: this.rows("hook_resid_post", start, rows),
      };
      if (withHidden) {
        outputs.pre = this.rows("mlp.hook_pre", start, rows);
        outputs.post = this.rows("mlp.hook_post", start, rows);
      }
      const part = withHidden ? "mlp-hidden" : "mlp";
      return this.session.runBlock(part, this.layer, { resid_mid: this.rows(reads, start, rows) }, outputs);
    });
  }

  private qkv(from: number, count: number): Record<string, Array2> {
    return {
      q: this.rows("attn.hook_q", from, count),
      k: this.rows("attn.hook_k", from, count),
      v: this.rows("attn.hook_v", from, count),
    };
  }

  private rows(point: BlockPoint, from: number, count: number): Array2 {
    const data = this.buffers.of(point);
    return rowsOf(data, from, count, data.length / this.buffers.rows);
  }
}

const attentionPart = (
  kind: "dense" | "suffix",
  withPattern: boolean,
  mask: Float32Array | null,
): AttentionPart => `${kind}-attention${mask ? "-masked" : ""}${withPattern ? "-pattern" : ""}`;

export async function inChunks(
  from: number,
  count: number,
  run: (start: number, rows: number) => Promise<void>,
  size = CHUNK_ROWS,
) {
  for (let start = from; start < from + count; start += size)
    await run(start, Math.min(size, from + count - start));
}
