import type { ModelFacts } from "../architectures/architecture.ts";
import { RowBuffers } from "./row-buffers.ts";

/** Rows of the bases, and of a chunk of variants at the three steps of a block. */
type Use = "bases" | "input" | "attention" | "output" | "some";

/** Memory of a plan, kept from batch to batch and from chunk to chunk: fresh memory costs more than the arithmetic (page faults). */
export class Workspace {
  private readonly kept = new Map<Use, RowBuffers>();
  private k = new Float32Array();
  private v = new Float32Array();

  constructor(private readonly facts: ModelFacts) {}

  /** Buffers of at least `rows` rows; what stood in them is lost. `usual`: rows worth having from the start. */
  take(use: Use, rows: number, usual = 1): RowBuffers {
    let buffers = this.kept.get(use);
    if (!buffers || buffers.rows < rows) {
      buffers = new RowBuffers(Math.max(rows, usual), this.facts);
      this.kept.set(use, buffers);
    }
    return buffers;
  }

  /** Keys and values of rows in any order, `[row, kv_head * d_head]` each; valid until the next call. */
  gatherKeys(from: RowBuffers, rows: ArrayLike<number>): { k: Float32Array; v: Float32Array } {
    const width = this.facts.kvHeads * this.facts.headWidth;
    const size = rows.length * width;
    if (this.k.length < size) [this.k, this.v] = [new Float32Array(size), new Float32Array(size)];
    for (let i = 0; i < rows.length; ) {
      // Positions of a prompt mostly lie side by side.
      let end = i + 1;
      while (end < rows.length && rows[end] === rows[end - 1]! + 1) end++;
      const [first, last] = [rows[i]! * width, (rows[end - 1]! + 1) * width];
      this.k.set(from.k.subarray(first, last), i * width);
      this.v.set(from.v.subarray(first, last), i * width);
      i = end;
    }
    return { k: this.k.subarray(0, size), v: this.v.subarray(0, size) };
  }
}
