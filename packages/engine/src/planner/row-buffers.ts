import type { ModelFacts } from "../architectures/architecture.ts";
import type { BlockPoint } from "../hooks/hook-points.ts";

/** Below this many numbers a loop copies faster than a view does. */
const SMALL = 32;

/** The block's hook points of `rows` rows, at the layer being computed; written in place layer after layer. Allocated when first used. */
export class RowBuffers {
  private readonly buffers = new Map<BlockPoint, Float32Array>();

  constructor(
    readonly rows: number,
    private readonly facts: ModelFacts,
  ) {}

  get residPre(): Float32Array {
    return this.of("hook_resid_pre");
  }
  get q(): Float32Array {
    return this.of("attn.hook_q");
  }
  get k(): Float32Array {
    return this.of("attn.hook_k");
  }
  get v(): Float32Array {
    return this.of("attn.hook_v");
  }
  get z(): Float32Array {
    return this.of("attn.hook_z");
  }
  get attnOut(): Float32Array {
    return this.of("hook_attn_out");
  }
  get residMid(): Float32Array {
    return this.of("hook_resid_mid");
  }
  /** What the MLP reads where that is not hook_resid_mid. */
  get mlpIn(): Float32Array {
    return this.of("hook_mlp_in");
  }
  get mlpOut(): Float32Array {
    return this.of("hook_mlp_out");
  }
  get residPost(): Float32Array {
    return this.of("hook_resid_post");
  }

  /** Copies a point's row from other buffers. */
  copyRow(point: BlockPoint, row: number, from: RowBuffers, fromRow: number): void {
    const [target, source] = [this.of(point), from.of(point)];
    const width = target.length / this.rows;
    const at = row * width;
    const start = fromRow * width;
    if (width <= SMALL) for (let i = 0; i < width; i++) target[at + i] = source[start + i]!;
    else target.set(source.subarray(start, start + width), at);
  }

  /** The buffer behind a hook point that is kept row by row. */
  of(point: BlockPoint): Float32Array {
    let buffer = this.buffers.get(point);
    if (!buffer) {
      buffer = new Float32Array(this.rows * rowWidth(point, this.facts));
      this.buffers.set(point, buffer);
    }
    return buffer;
  }
}

/** Numbers of a row of a stored point. @throws Error for points that are derived from others */
export function rowWidth(
  point: BlockPoint,
  { width, heads, kvHeads, headWidth, mlpWidth }: ModelFacts,
): number {
  switch (point) {
    case "hook_resid_pre":
    case "hook_attn_out":
    case "hook_resid_mid":
    case "hook_mlp_in":
    case "hook_mlp_out":
    case "hook_resid_post":
      return width;
    case "attn.hook_q":
    case "attn.hook_z":
      return heads * headWidth;
    case "attn.hook_k":
    case "attn.hook_v":
      return kvHeads * headWidth;
    case "mlp.hook_pre":
    case "mlp.hook_post":
      return mlpWidth;
    default:
      throw new Error(`${point} is derived, not stored`);
  }
}
