import { denseAttentionBackwardGraph } from "../graph/backward/attention.ts";
import {
  attentionInputBackwardGraph,
  attentionOutputBackwardGraph,
  mlpBackwardGraph,
} from "../graph/backward/block-graphs.ts";
import type { BlockPoint } from "../hooks/hook-points.ts";
import { inChunks, rotaryRows } from "../planner/block-step.ts";
import { int64, rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { Array2 } from "../session/onnx-session.ts";

/** Hook points that gradients are taken at, all at every position. */
export const GRADIENT_POINTS = [
  "hook_resid_pre",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_z",
  "hook_attn_out",
  "hook_resid_mid",
  "hook_mlp_out",
  "hook_resid_post",
] as const satisfies readonly BlockPoint[];
export type GradientPoint = (typeof GRADIENT_POINTS)[number];

/** What a block's backward graphs need of the forward pass. */
export const FORWARD_POINTS = [
  "hook_resid_pre",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "hook_resid_mid",
] as const satisfies readonly GradientPoint[];
export type ForwardRows = Record<(typeof FORWARD_POINTS)[number], Float32Array>;

/** Numbers of one attention pattern computed at once: bounds the memory of a call to some 100 MB. */
const MAX_PATTERN = 2 ** 22;

/** Gradients of prompts of equal length on their way back through the layers, one block at a time; rows are prompts x positions. */
export class BackwardWave {
  private readonly residPre: Float32Array;
  private readonly q: Float32Array;
  private readonly k: Float32Array;
  private readonly v: Float32Array;
  private readonly z: Float32Array;
  private readonly residMid: Float32Array;
  /** At the output of the block that is undone next, `[rows, d_model]`: filled by the caller before the first one. */
  readonly residPost: Float32Array;
  private readonly rows: number;

  constructor(
    private readonly session: ModelSession,
    private readonly prompts: number,
    private readonly length: number,
  ) {
    const { width, heads, kvHeads, headWidth } = session.spec.facts;
    this.rows = prompts * length;
    const buffer = (perRow: number) => new Float32Array(this.rows * perRow);
    this.residPre = buffer(width);
    this.q = buffer(heads * headWidth);
    this.k = buffer(kvHeads * headWidth);
    this.v = buffer(kvHeads * headWidth);
    this.z = buffer(heads * headWidth);
    this.residMid = buffer(width);
    this.residPost = buffer(width);
  }

  /** From `residPost` to all gradients of block `layer`, at the forward pass's values. */
  async step(layer: number, forward: ForwardRows): Promise<void> {
    await this.inBlocks(
      `mlp-backward ${layer}`,
      mlpBackwardGraph,
      layer,
      { resid_mid: forward.hook_resid_mid, d_resid_post: this.residPost },
      { d_resid_mid: this.residMid },
    );
    await this.inBlocks(
      `attention-output-backward ${layer}`,
      attentionOutputBackwardGraph,
      layer,
      { d_resid_mid: this.residMid },
      { d_z: this.z },
    );
    await this.attention(forward);
    const rotation = rotaryRows(
      this.session,
      Array.from({ length: this.rows }, (_, row) => row % this.length),
    );
    await this.inBlocks(
      `attention-input-backward ${layer}`,
      attentionInputBackwardGraph,
      layer,
      {
        resid_pre: forward.hook_resid_pre,
        d_resid_mid: this.residMid,
        d_q: this.q,
        d_k: this.k,
        d_v: this.v,
        ...(rotation ?? {}),
      },
      { d_resid_pre: this.residPre },
    );
  }

  /** The gradient at this block's input becomes that at the output of the block below. */
  advance(): void {
    this.residPost.set(this.residPre);
  }

  /** Gradient at a hook point of the block that was undone last, all rows. A sum passes its gradient on to both of its terms. */
  of(point: GradientPoint): Float32Array {
    switch (point) {
      case "hook_resid_pre":
        return this.residPre;
      case "attn.hook_q":
        return this.q;
      case "attn.hook_k":
        return this.k;
      case "attn.hook_v":
        return this.v;
      case "attn.hook_z":
        return this.z;
      case "hook_attn_out":
      case "hook_resid_mid":
        return this.residMid;
      case "hook_mlp_out":
      case "hook_resid_post":
        return this.residPost;
    }
  }

  private async attention(forward: ForwardRows): Promise<void> {
    const { spec } = this.session;
    const size = Math.max(1, Math.floor(MAX_PATTERN / (spec.facts.heads * this.length ** 2)));
    const inputs = {
      q: forward["attn.hook_q"],
      k: forward["attn.hook_k"],
      v: forward["attn.hook_v"],
      d_z: this.z,
    };
    await inChunks(
      0,
      this.prompts,
      (from, count) =>
        this.session.runGraph(
          "dense-attention-backward",
          (graph) => denseAttentionBackwardGraph(graph, spec),
          { ...this.slices(inputs, from * this.length, count * this.length), length: int64([this.length]) },
          this.slices({ d_q: this.q, d_k: this.k, d_v: this.v }, from * this.length, count * this.length),
        ),
      size,
    );
  }

  private async inBlocks(
    key: string,
    build: typeof mlpBackwardGraph,
    layer: number,
    inputs: Record<string, Float32Array>,
    outputs: Record<string, Float32Array>,
  ): Promise<void> {
    const { spec } = this.session;
    await inChunks(0, this.rows, (from, count) =>
      this.session.runGraph(
        key,
        (graph, tensors) => build(graph, tensors, spec, layer),
        this.slices(inputs, from, count),
        this.slices(outputs, from, count),
      ),
    );
  }

  private slices(arrays: Record<string, Float32Array>, from: number, count: number): Record<string, Array2> {
    return Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [
        name,
        rowsOf(data, from, count, data.length / this.rows),
      ]),
    );
  }
}
