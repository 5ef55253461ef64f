import type { Instruments } from "../instruments.ts";

/** Frozen-norm readout of residual vectors on a task's candidates. */
export interface CandidateReader {
  tokens: readonly number[];
  /** `[candidate, d_model]` */
  directions: Float32Array;
  width: number;
}

export async function candidateReader(
  tokens: readonly number[],
  width: number,
  instruments: Instruments,
): Promise<CandidateReader> {
  return { tokens, directions: await instruments.directions(tokens), width };
}

/** <x, direction> of a vector for every candidate, in logits times the scale. */
export function gainsOf(
  vector: ArrayLike<number>,
  { tokens, directions, width }: CandidateReader,
): Float64Array {
  return Float64Array.from(tokens, (_, c) => {
    let total = 0;
    for (let d = 0; d < width; d++) total += directions[c * width + d]! * vector[d]!;
    return total;
  });
}

/** The own candidate's value minus the mean of the others'; NaN without others. */
export function againstOthers(values: ArrayLike<number>, own: number): number {
  let others = 0;
  for (let c = 0; c < values.length; c++) if (c !== own) others += values[c]!;
  return values.length > 1 ? values[own]! - others / (values.length - 1) : Number.NaN;
}

export const ONE_CANDIDATE = "all known facts have the same answer";
