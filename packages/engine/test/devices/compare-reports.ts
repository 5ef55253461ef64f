import type { RunReport } from "../../src/results/report.ts";

/** What says when and on what a run was computed, and how far rounding alone is off: not a result. */
const APART = /^receipt\.(startedAt|seconds|device|model\.selfCheck)\b|(^|\.)completenessError$/;

export interface ReportDifference {
  /** Largest difference of two numbers, relative to the expected one where that is above 1, and where it is. */
  largest: { error: number; at: string };
  /** Numbers that were compared. */
  numbers: number;
  /** Where anything but a number differs: verdicts, movers, tokens, what was not observed. */
  others: string[];
}

const NOTHING = /(?!)/;

/** Goes through everything that a report holds, or all but what is left out by its path. */
export function compareReports(
  actual: RunReport,
  expected: RunReport,
  leftOut: RegExp = NOTHING,
): ReportDifference {
  const found: ReportDifference = { largest: { error: 0, at: "" }, numbers: 0, others: [] };
  const compare = (own: unknown, other: unknown, at: string): void => {
    if (APART.test(at) || leftOut.test(at)) return;
    if (typeof own === "number" && typeof other === "number") {
      found.numbers++;
      if (Object.is(own, other)) return;
      const difference = Math.abs(own - other) / Math.max(1, Math.abs(other));
      const error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      if (error > found.largest.error) found.largest = { error, at };
    } else if (isObject(own) && isObject(other)) {
      for (const key of new Set([...Object.keys(own), ...Object.keys(other)]))
        compare(own[key], other[key], at === "" ? key : `${at}.${key}`);
    } else if (own !== other) found.others.push(`${at}: ${own} instead of ${other}`);
  };
  compare(actual, expected, "");
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
