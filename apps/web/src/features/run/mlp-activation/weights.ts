import type { Estimate } from "@/graphql/fragments.ts";
import type { Tone } from "@/ui/badge.tsx";
import type { HeadWeight } from "../queries.ts";

export const VERDICTS: Record<HeadWeight["verdict"], { label: string; tone: Tone; meaning: string }> = {
  AMPLIFIED: { label: "amplified", tone: "answer", meaning: "the interval of w lies above 0" },
  ERASED: { label: "erased", tone: "bad", meaning: "w is below 0 and the interval of 1 + w contains 0" },
  DAMPED: { label: "damped", tone: "warn", meaning: "the interval of w lies between −1 and 0" },
  INVERTED: { label: "inverted", tone: "bad", meaning: "the interval of 1 + w lies below 0" },
  NO_EVIDENCE: { label: "no evidence", tone: "neutral", meaning: "the interval of w contains 0" },
  NOT_IDENTIFIABLE: {
    label: "not identifiable",
    tone: "neutral",
    meaning: "the head's output does not vary over the task's facts; what it does is part of the intercept",
  },
};

/** `1 + w`: the share of what the head wrote that is carried on. */
export function carried(weight: HeadWeight, facts: number): Estimate {
  const plus = (value: number | null) => (value === null ? null : 1 + value);
  return {
    value: plus(weight.weight),
    low: plus(weight.low),
    high: plus(weight.high),
    n: facts,
    reason: weight.identifiable ? null : VERDICTS.NOT_IDENTIFIABLE.meaning,
  };
}
