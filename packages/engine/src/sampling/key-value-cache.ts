import type { ModelFacts } from "../architectures/architecture.ts";
import type { RowBuffers } from "../planner/row-buffers.ts";

/** Keys and values of one layer's earlier positions, one sequence after the other: `[sequence, position, kv_head * d_head]`. */
export class KeyValueCache {
  private readonly width: number;
  private positions = 0;
  private k = new Float32Array();
  private v = new Float32Array();

  constructor(
    private readonly sequences: number,
    { kvHeads, headWidth }: ModelFacts,
  ) {
    this.width = kvHeads * headWidth;
  }

  past(): { k: Float32Array; v: Float32Array } {
    return { k: this.k, v: this.v };
  }

  /** Adds the position that stands in the buffers, one row per sequence. */
  append({ k, v }: RowBuffers): void {
    this.k = this.grown(this.k, k);
    this.v = this.grown(this.v, v);
    this.positions++;
  }

  private grown(past: Float32Array, own: Float32Array): Float32Array<ArrayBuffer> {
    const { sequences, positions, width } = this;
    const out = new Float32Array(sequences * (positions + 1) * width);
    for (let i = 0; i < sequences; i++) {
      out.set(past.subarray(i * positions * width, (i + 1) * positions * width), i * (positions + 1) * width);
      out.set(own.subarray(i * width, (i + 1) * width), (i * (positions + 1) + positions) * width);
    }
    return out;
  }
}
