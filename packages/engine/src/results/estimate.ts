/** A number with its uncertainty. `null` means "not observed": `reason` then says why. */
export interface Estimate {
  value: number | null;
  /** Bounds of the 95 % interval (percentile bootstrap clustered by fact); null where it is not defined (fewer than two facts). */
  low: number | null;
  high: number | null;
  /** Number of facts (clusters) behind the number; prompts are never the unit. */
  n: number;
  reason?: string;
}

export const notObserved = (reason: string, n = 0): Estimate => ({
  value: null,
  low: null,
  high: null,
  n,
  reason,
});
