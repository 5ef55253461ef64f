import type { ModelFacts } from "../architectures/architecture.ts";
import type { BlockPoint } from "../hooks/hook-points.ts";

/** The block's hook points of `rows` rows, at the layer being computed; written in place layer after layer. */
export class RowBuffers {
  readonly residPre: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly z: Float32Array;
  readonly attnOut: Float32Array;
  readonly residMid: Float32Array;
  readonly mlpOut: Float32Array;
  readonly residPost: Float32Array;
  private mlpInput: Float32Array | undefined;
  private hiddenPre: Float32Array | undefined;
  private hiddenPost: Float32Array | undefined;

  constructor(
    readonly rows: number,
    private readonly facts: ModelFacts,
  ) {
    const { width, heads, kvHeads, headWidth } = facts;
    const buffer = (perRow: number) => new Float32Array(rows * perRow);
    this.residPre = buffer(width);
    this.q = buffer(heads * headWidth);
    this.k = buffer(kvHeads * headWidth);
    this.v = buffer(kvHeads * headWidth);
    this.z = buffer(heads * headWidth);
    this.attnOut = buffer(width);
    this.residMid = buffer(width);
    this.mlpOut = buffer(width);
    this.residPost = buffer(width);
  }

  /** What the MLP reads where that is not hook_resid_mid. */
  get mlpIn(): Float32Array {
    this.mlpInput ??= new Float32Array(this.rows * this.facts.width);
    return this.mlpInput;
  }
  get mlpPre(): Float32Array {
    this.hiddenPre ??= new Float32Array(this.rows * this.facts.mlpWidth);
    return this.hiddenPre;
  }
  get mlpPost(): Float32Array {
    this.hiddenPost ??= new Float32Array(this.rows * this.facts.mlpWidth);
    return this.hiddenPost;
  }

  /** The buffer behind a hook point that is kept row by row. */
  of(point: BlockPoint): Float32Array {
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
        return this.attnOut;
      case "hook_resid_mid":
        return this.residMid;
      case "hook_mlp_in":
        return this.mlpIn;
      case "mlp.hook_pre":
        return this.mlpPre;
      case "mlp.hook_post":
        return this.mlpPost;
      case "hook_mlp_out":
        return this.mlpOut;
      case "hook_resid_post":
        return this.residPost;
      default:
        throw new Error(`${point} is derived, not stored`);
    }
  }
}
