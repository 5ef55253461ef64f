import { formatDelta, formatDeltaInterval, formatPValue } from "@/format/numbers.ts";
import type { Verdict } from "./queries.ts";

/** Steps of the mechanism in their order, as pages name them. */
export const STEPS: readonly { step: Verdict["step"]; title: string; question: string }[] = [
  {
    step: "ARGUMENT_PASSING",
    title: "Argument passing",
    question: "Do heads bring the subject to the last position?",
  },
  { step: "MLP_ACTIVATION", title: "MLP activation", question: "Do MLPs erase or amplify what heads wrote?" },
  {
    step: "FUNCTION_APPLICATION",
    title: "Function application",
    question: "Do MLPs turn the subject into the answer?",
  },
  { step: "FINAL_LAYER", title: "Final layer", question: "Does the final layer hold the answer back?" },
];

/** Symbol, word and colour of each verdict: none of the three is needed to read it. */
export const VERDICTS = {
  PRESENT: { symbol: "✓", word: "present", tone: "bg-good-soft text-good" },
  ABSENT: { symbol: "✕", word: "absent", tone: "bg-bad-soft text-bad" },
  INCONCLUSIVE: { symbol: "?", word: "inconclusive", tone: "bg-warn-soft text-warn" },
} as const satisfies Record<Verdict["verdict"], { symbol: string; word: string; tone: string }>;

const DIRECTIONS = { POSITIVE: "above 0", NEGATIVE: "below 0", EITHER: "beside 0" } as const;

/** Gains of accuracy print in points, everything else in its unit. */
const unitOf = (unit: string) => (unit === "accuracy" ? "share" : unit === "nats" ? "nats" : "effect");

/** `+0.620`, or why there is none. */
export const evidenceValue = ({ estimate, unit }: Verdict): string =>
  estimate.value === null ? "not observed" : formatDelta(estimate.value, unitOf(unit));
export const evidenceInterval = ({ estimate, unit }: Verdict): string | null =>
  formatDeltaInterval(estimate, unitOf(unit));

/** The rule that was applied, with its numbers. */
export function ruleOf({ expected, absentWithin, unit }: Verdict): string[] {
  const within =
    absentWithin === null
      ? `never, as no bound is set for a ${unit}`
      : `interval inside ±${absentWithin} ${unit === "accuracy" ? "" : unit}`.trim();
  return [
    `present\tinterval ${DIRECTIONS[expected]} and p < 0.05`,
    `absent\t${within}`,
    "inconclusive\tanything else, and fewer than 8 known facts",
  ];
}

export const evidenceTip = (verdict: Verdict): string =>
  [
    `${verdict.quantity}: ${VERDICTS[verdict.verdict].word}`,
    `value\t${evidenceValue(verdict)}`,
    `95 % interval\t${evidenceInterval(verdict) ?? "not defined"}`,
    `n\t${verdict.estimate.n} facts`,
    `test\t${verdict.pValue === null ? "none" : formatPValue(verdict.pValue)}`,
    verdict.why,
    ...ruleOf(verdict),
  ].join("\n");
