import type { ModelFacts } from "../architectures/architecture.ts";
import { type BlockPoint, mlpReads } from "../hooks/hook-points.ts";
import { int64, rowsOf } from "../session/arrays.ts";
import type { AttentionPart } from "../session/model-parts.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { Array2 } from "../session/onnx-session.ts";
import { addRows } from "./edits.ts";
import type { RowBuffers } from "./row-buffers.ts";

/** Rows per call of a graph: more costs memory and gains nothing (measured between 512 and 2048). */
export const CHUNK_ROWS = 512;
/** Multiplications and additions of one call, at most: a call cannot be interrupted, and a cancelled plan must end soon. */
const CALL_FLOPS = 2e10;

/** Rows per call of the largest graph of a block. */
export function chunkRows({ width, mlpWidth }: Pick<ModelFacts, "width" | "mlpWidth">): number {
  const perRow = 6 * width * mlpWidth;
  return Math.max(16, Math.min(CHUNK_ROWS, Math.floor(CALL_FLOPS / perRow)));
}

/** cos and sin of each row's position, `[rows, r]`: one for each pair of rotated dimensions. */
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
  const known = new Map<number, number>();
  for (let row = 0; row < positions.length; row++) {
    const before = known.get(positions[row]!);
    if (before !== undefined) {
      cos.copyWithin(row * half, before * half, (before + 1) * half);
      sin.copyWithin(row * half, before * half, (before + 1) * half);
      continue;
    }
    known.set(positions[row]!, row);
    for (let i = 0; i < half; i++) {
      const angle = positions[row]! * frequencies[i]!;
      cos[row * half + i] = Math.cos(angle);
      sin[row * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** Where the rows of an attention call begin: q and z of the queries, k and v of the keys. */
export interface AttentionRows {
  queries: number;
  keys: number;
}

/** Counts of an attention call: `variants` of each of `prompts` bases, each with `past` shared and `keys` own keys, the last `queries` asked. */
export interface AttentionShape {
  prompts: number;
  variants: number;
  queries: number;
  keys: number;
  past: number;
}

/** The graphs of one block over rows `[from, from + count)` of the buffers, cut at the hook points that can be edited. */
export class BlockStep {
  private readonly chunk: number;

  /** @param checkpoint called before every call of a graph; what it throws ends the step */
  constructor(
    private readonly session: ModelSession,
    private readonly layer: number,
    private readonly buffers: RowBuffers,
    private readonly checkpoint: () => void = () => {},
  ) {
    this.chunk = chunkRows(session.spec.facts);
  }

  async attentionInput(
    from: number,
    count: number,
    rotary: RotaryRows | null,
    rotaryFrom = from,
  ): Promise<void> {
    const { heads, kvHeads, headWidth } = this.session.spec.facts;
    await this.inChunks(from, count, (start, rows) => {
      const inputs: Record<string, Array2> = { resid_pre: this.rows("hook_resid_pre", start, rows) };
      if (rotary) {
        const pairs = this.session.spec.rotary!.inverseFrequencies.length;
        const at = start - from + rotaryFrom;
        inputs.cos = rowsOf(rotary.cos, at, rows, pairs);
        inputs.sin = rowsOf(rotary.sin, at, rows, pairs);
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
    rows: AttentionRows,
    prompts: number,
    length: number,
    withPattern: boolean,
    mask: Float32Array | null = null,
  ): Promise<Float32Array | null> {
    this.checkpoint();
    const { heads, kvHeads, headWidth } = this.session.spec.facts;
    const { q, k, v, z } = this.buffers;
    const count = prompts * length;
    const dims = [prompts, heads, length, length];
    const pattern = withPattern ? new Float32Array(prompts * heads * length * length) : null;
    const outputs: Record<string, Array2> = { z: rowsOf(z, rows.queries, count, heads * headWidth) };
    if (pattern) outputs.pattern = { data: pattern, dims };
    const inputs: Record<string, Array2> = {
      q: rowsOf(q, rows.queries, count, heads * headWidth),
      k: rowsOf(k, rows.keys, count, kvHeads * headWidth),
      v: rowsOf(v, rows.keys, count, kvHeads * headWidth),
      length: int64([length]),
    };
    if (mask) inputs.mask = { data: mask, dims };
    await this.session.runAttention(attentionPart("dense", withPattern, mask), this.layer, inputs, outputs);
    return pattern;
  }

  /**
   * Positions after the shared ones of their bases; `mask` `[prompt * variant, head, query, past + key]` is added to the scores.
   * @returns pattern `[prompt * variant, head, query, past + key]` if asked for
   */
  async suffixAttention(
    rows: AttentionRows,
    { prompts, variants, queries, keys, past }: AttentionShape,
    earlier: { k: Float32Array; v: Float32Array },
    withPattern: boolean,
    mask: Float32Array | null = null,
  ): Promise<Float32Array | null> {
    this.checkpoint();
    const { heads, kvHeads, headWidth } = this.session.spec.facts;
    const { q, k, v, z } = this.buffers;
    const sequences = prompts * variants;
    const dims = [sequences, heads, queries, past + keys];
    const pattern = withPattern ? new Float32Array(dims.reduce((a, b) => a * b)) : null;
    const outputs: Record<string, Array2> = {
      z: rowsOf(z, rows.queries, sequences * queries, heads * headWidth),
    };
    if (pattern) outputs.pattern = { data: pattern, dims };
    const inputs: Record<string, Array2> = {
      q: rowsOf(q, rows.queries, sequences * queries, heads * headWidth),
      k: rowsOf(k, rows.keys, sequences * keys, kvHeads * headWidth),
      v: rowsOf(v, rows.keys, sequences * keys, kvHeads * headWidth),
      past_k: rowsOf(earlier.k, 0, prompts * past, kvHeads * headWidth),
      past_v: rowsOf(earlier.v, 0, prompts * past, kvHeads * headWidth),
    };
    const single = queries === 1 && keys === 1;
    inputs.counts = int64(single ? [prompts, variants, past] : [prompts, variants, queries, keys, past]);
    if (mask) inputs.mask = { data: mask, dims };
    const part = attentionPart(single ? "single" : "suffix", withPattern, mask);
    await this.session.runAttention(part, this.layer, inputs, outputs);
    return pattern;
  }

  async attentionOutput(from: number, count: number): Promise<void> {
    await this.inChunks(from, count, (start, rows) =>
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

  /**
   * The MLP over rows of `reads`; hook_resid_post comes out as the sum of hook_mlp_out and what a serial block's MLP read, or a parallel one's
   * hook_resid_mid.
   */
  async mlp(
    from: number,
    count: number,
    withHidden: boolean,
    reads: "hook_resid_pre" | "hook_resid_mid" | "hook_mlp_in" = mlpReads(this.session.spec.facts),
  ): Promise<void> {
    const parallel = this.session.spec.facts.block === "parallel";
    await this.inChunks(from, count, (start, rows) => {
      const outputs: Record<string, Array2> = {
        mlp_out: this.rows("hook_mlp_out", start, rows),
        resid_post: this.rows("hook_resid_post", start, rows),
      };
      if (withHidden) {
        outputs.pre = this.rows("mlp.hook_pre", start, rows);
        outputs.post = this.rows("mlp.hook_post", start, rows);
      }
      const part = withHidden ? "mlp-hidden" : "mlp";
      const read = this.rows(reads, start, rows);
      const inputs: Record<string, Array2> = parallel
        ? { mlp_in: read, resid_mid: this.rows("hook_resid_mid", start, rows) }
        : { resid_mid: read };
      return this.session.runBlock(part, this.layer, inputs, outputs);
    });
  }

  /** hook_resid_mid again from hook_resid_pre and hook_attn_out, or hook_resid_post from hook_resid_mid and hook_mlp_out, after an edit. */
  async addToStream(sublayer: "attention" | "mlp", from: number, count: number): Promise<void> {
    const { facts } = this.session.spec;
    const [resid, out, sum] = (
      sublayer === "attention"
        ? ["hook_resid_pre", "hook_attn_out", "hook_resid_mid"]
        : ["hook_resid_mid", "hook_mlp_out", "hook_resid_post"]
    ) as [BlockPoint, BlockPoint, BlockPoint];
    if (facts.postNorm !== "stream") {
      addRows(this.buffers.of(sum), this.buffers.of(resid), this.buffers.of(out), from, count, facts.width);
      return;
    }
    await this.inChunks(from, count, (start, rows) =>
      this.session.runBlock(
        `${sublayer}-stream-sum`,
        this.layer,
        { resid: this.rows(resid, start, rows), out: this.rows(out, start, rows) },
        { sum: this.rows(sum, start, rows) },
      ),
    );
  }

  private async inChunks(
    from: number,
    count: number,
    run: (start: number, rows: number) => Promise<void>,
  ): Promise<void> {
    await inChunks(
      from,
      count,
      (start, rows) => {
        this.checkpoint();
        return run(start, rows);
      },
      this.chunk,
    );
  }

  private rows(point: BlockPoint, from: number, count: number): Array2 {
    const data = this.buffers.of(point);
    return rowsOf(data, from, count, data.length / this.buffers.rows);
  }
}

const attentionPart = (
  kind: "dense" | "suffix" | "single",
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
