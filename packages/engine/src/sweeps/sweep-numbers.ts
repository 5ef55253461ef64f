import type { LabeledArray } from "../results/labeled-array.ts";
import type { ShardNumbers } from "./run-sweep.ts";
import { numbered, placesOf, type Sweep, type SweepAxis } from "./sweep.ts";

/** Gathers the numbers of a sweep from its shards, in whatever order they come. What has not come is NaN. */
export class SweepNumbers {
  /** `[places before the pairs' axis, pair, places after it, answer or wrong]` */
  private readonly metric: Float32Array;
  /** `[clean or corrupted][pair, answer or wrong]` */
  private readonly unchanged: readonly [Float32Array, Float32Array];
  private readonly inner: number;

  constructor(private readonly sweep: Sweep) {
    const pairs = sweep.pairs.length;
    this.metric = new Float32Array(2 * placesOf(sweep) * pairs).fill(Number.NaN);
    const row = () => new Float32Array(2 * pairs).fill(Number.NaN);
    this.unchanged = [row(), row()];
    this.inner = placesOf({ axes: sweep.axes.slice(sweep.outer) });
  }

  add({ shard, unchanged, metric }: Omit<ShardNumbers, "lastLogits">): void {
    let at = 0;
    for (const [i, { pair, from, to }] of shard.parts.entries()) {
      for (const [run, own] of this.unchanged.entries())
        own.set(unchanged.subarray(4 * i + 2 * run, 4 * i + 2 * run + 2), 2 * pair);
      for (let place = from; place < to; place++, at++)
        this.metric.set(metric.subarray(2 * at, 2 * at + 2), 2 * this.cell(place, pair));
    }
  }

  /** Where a place of a pair stands in results. */
  cell(place: number, pair: number): number {
    const outer = Math.floor(place / this.inner);
    return (outer * this.sweep.pairs.length + pair) * this.inner + (place % this.inner);
  }

  /**
   * `logit_diff` = logit(answer) - logit(wrong) by place and pair, that of the unchanged runs, and `metric_logits`, the two logits it is
   * made of, by place, pair and token.
   */
  arrays(): LabeledArray[] {
    const pairs: SweepAxis = { dim: "prompt", labels: numbered(this.sweep.pairs.length) };
    const axes = [
      ...this.sweep.axes.slice(0, this.sweep.outer),
      pairs,
      ...this.sweep.axes.slice(this.sweep.outer),
    ];
    const token: SweepAxis = { dim: "token", labels: ["answer", "wrong"] };
    const array = (name: string, own: readonly SweepAxis[], values: Float32Array): LabeledArray => ({
      name,
      unit: "logit",
      axes: own,
      values,
    });
    const [clean, corrupted] = this.unchanged;
    const arrays = [
      array("logit_diff", axes, differences(this.metric)),
      array("logit_diff_clean", [pairs], differences(clean)),
      array("logit_diff_corrupted", [pairs], differences(corrupted)),
      array("metric_logits", [...axes, token], this.metric),
    ];
    // A sweep that needs no corrupted prompts may have none.
    const compared = this.sweep.pairs.some(({ corrupted: own }) => own);
    return compared ? arrays : arrays.filter(({ name }) => name !== "logit_diff_corrupted");
  }
}

const differences = (logits: Float32Array): Float32Array =>
  Float32Array.from({ length: logits.length / 2 }, (_, i) => logits[2 * i]! - logits[2 * i + 1]!);
