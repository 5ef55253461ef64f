import type { Instruments } from "../instruments.ts";
import type { FactMoments } from "./moments.ts";

/**
 * Moments of prompts that come one after the other, such as all prompts of a frame while facts stream by. Sums are kept about the first
 * prompt, which is as near to the mean as any: little is lost to it.
 */
export class RunningMoments {
  private reference: Float32Array | null = null;
  private prompts = 0;
  private products = new Float64Array(0);
  private sums = new Float64Array(0);

  constructor(
    private readonly width: number,
    private readonly instruments: Instruments,
  ) {}

  /** @param columns `[column, d_model]` of one prompt */
  async add(columns: Float32Array): Promise<void> {
    const count = columns.length / this.width;
    if (!this.reference) {
      this.reference = columns.slice();
      this.products = new Float64Array(count * count);
      this.sums = new Float64Array(columns.length);
    }
    const { reference } = this;
    const deviation = Float32Array.from(columns, (value, i) => value - reference[i]!);
    const product = await this.instruments.product(deviation, deviation, this.width);
    for (let i = 0; i < product.length; i++) this.products[i]! += product[i]!;
    for (let i = 0; i < deviation.length; i++) this.sums[i]! += deviation[i]!;
    this.prompts++;
  }

  /** About their own mean; at least one prompt must have been added. */
  async moments(): Promise<FactMoments> {
    const { prompts, sums, products } = this;
    const shift = Float32Array.from(sums, (value) => value / prompts);
    const product = await this.instruments.product(shift, shift, this.width);
    return {
      prompts,
      within: products.map((value, i) => value - prompts * product[i]!),
      mean: sums.map((value, i) => this.reference![i]! + value / prompts),
    };
  }
}
