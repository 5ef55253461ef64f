import type { Estimate } from "@/graphql/fragments.ts";

/** Value, interval and n of an estimate as four table cells. */
export const estimateColumns = (estimate: Estimate): (number | null)[] => [
  estimate.value,
  estimate.low,
  estimate.high,
  estimate.n,
];
