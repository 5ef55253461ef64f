import { estimateTip, formatEstimate } from "@/format/estimates.ts";
import { formatPValue, isSigned } from "@/format/numbers.ts";
import type { Head } from "../queries.ts";
import { HEAD_METRICS, type HeadMetric } from "./metrics.ts";

/** Tooltip of a head in the map of one metric: that number in full, then its rank and the effect. */
export function headTip(head: Head, metric: HeadMetric): string {
  const { unit, short } = HEAD_METRICS[metric];
  const more = [`rank\t${head.rank} of all heads`];
  if (metric !== "effect") more.push(`patching effect\t${formatEstimate(head.effect, "effect", true)}`);
  else if (head.qValue !== null) more.push(`false discovery\t${formatPValue(head.qValue, "q")}`);
  if (head.mover) more.push("mover");
  return estimateTip(`${head.label}: ${short}`, head[metric], unit, more);
}

export const signedMetric = (metric: HeadMetric): boolean => isSigned(HEAD_METRICS[metric].unit);
