import type { Edit, ForwardPass } from "../planner/forward-pass.ts";
import type { Stages } from "./stages.ts";
import type { PairReading, SweepPair } from "./sweep.ts";

/**
 * `zero` scales a place to 0 in the clean run; `denoise` puts its clean value into the corrupted run, `noise` its corrupted value into the clean
 * run.
 */
export const SWEEP_KINDS = ["zero", "denoise", "noise"] as const;
export type SweepKind = (typeof SWEEP_KINDS)[number];

/** Where a change is made: everywhere, at the last position, or at one counted from 0. */
export type SweepPosition = "all" | "last" | number;

/** Places of the unchanged runs in the list of a pair's passes. */
const CLEAN = 0;
const CORRUPTED = 1;

/** The run that a kind changes, and how. */
export function replacementOf(kind: SweepKind): { run: Run; edit: Pick<Edit, "scale" | "value"> } {
  if (kind === "zero") return { run: "clean", edit: { scale: 0 } };
  if (kind === "denoise") return { run: "corrupted", edit: { scale: 0, value: { pass: CLEAN } } };
  return { run: "clean", edit: { scale: 0, value: { pass: CORRUPTED } } };
}

export const editPosition = (position: SweepPosition): Pick<Edit, "position"> =>
  position === "all" ? {} : { position: position === "last" ? -1 : position };

/** Rows that a change computes at a layer. */
export const rowsFrom =
  (position: SweepPosition) =>
  (length: number): number =>
    position === "all" ? length : position === "last" ? 1 : Math.max(1, length - position);

type Run = "clean" | "corrupted";

/** One changed pass; without edits and knockouts it is the run itself. */
export interface Change extends Pick<ForwardPass, "edits" | "knockouts"> {
  run: Run;
}

/** The unchanged runs of a pair and one pass for each change, in one stage. */
export function* changeEach(
  pair: SweepPair,
  changes: Iterable<Change>,
  fullLogits = false,
): Stages<PairReading> {
  const query = metricTokens(pair);
  const wanted = fullLogits ? ({ logits: "last" } as const) : { query };
  const passes: ForwardPass[] = [{ tokens: pair.clean, query }];
  if (pair.corrupted) passes.push({ tokens: pair.corrupted, query });
  const unchanged = passes.length;
  for (const { run, ...change } of changes) passes.push({ tokens: pair[run]!, ...change, ...wanted });
  const results = yield passes;
  return {
    clean: results[CLEAN]!,
    corrupted: pair.corrupted ? results[CORRUPTED]! : null,
    places: results.slice(unchanged),
  };
}

export const metricTokens = ({ answer, wrong }: SweepPair) => ({ tokens: [answer, wrong] });
