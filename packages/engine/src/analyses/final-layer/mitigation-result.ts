import { type Estimate, notObserved } from "../../results/estimate.ts";
import type {
  BeforeAfter,
  MitigationGuards,
  MitigationResult,
  MitigationTarget,
  MitigationVerdict,
} from "../../results/mitigation.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import type { FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import type { Outcome } from "./alpha-sweep.ts";
import { DELTA, isAboveZero, isBelowZero } from "./judging.ts";

export const NO_TRAIN_FACTS = "no train facts to choose on";

const MEASURES: Record<keyof BeforeAfter, (o: Outcome) => number> = {
  probability: ({ logProb }) => Math.exp(logProb),
  logProb: ({ logProb }) => logProb,
  rank: ({ rank }) => rank,
  top1: ({ rank }) => (rank === 0 ? 1 : 0),
  candidateTop1: ({ candidateTop1 }) => candidateTop1,
};

/** Means over the prompts of the test facts. */
export function beforeAfter(
  before: readonly Outcome[][],
  after: readonly Outcome[][] | null,
  test: readonly boolean[],
  context: FurtherContext,
): BeforeAfter {
  const over = (value: (f: number, p: number) => number) =>
    meanOverPrompts(
      before.map((own, f) => (test[f] ? own.map((_, p) => value(f, p)) : [])),
      context,
      "no test facts",
    );
  const none = notObserved(NO_TRAIN_FACTS);
  const changed = (pick: (o: Outcome) => number) => ({
    before: over((f, p) => pick(before[f]![p]!)),
    after: after ? over((f, p) => pick(after[f]![p]!)) : none,
    change: after ? over((f, p) => pick(after[f]![p]!) - pick(before[f]![p]!)) : none,
  });
  return Object.fromEntries(
    Object.entries(MEASURES).map(([key, pick]) => [key, changed(pick)]),
  ) as unknown as BeforeAfter;
}

/** Gain in log p over what the temperature gives on the same prompts. */
export function overTemperature(
  after: readonly Outcome[][] | null,
  heated: readonly Outcome[][] | null,
  test: readonly boolean[],
  context: FurtherContext,
): Estimate {
  if (!after || !heated) return notObserved(NO_TRAIN_FACTS);
  const gains = after.map((own, f) =>
    test[f] ? own.map(({ logProb }, p) => logProb - heated[f]![p]!.logProb) : [],
  );
  return meanOverPrompts(gains, context, "no test facts");
}

export function noGuards(reason: string): MitigationGuards {
  const none = notObserved(reason);
  return {
    neutralLogProb: none,
    knownTop: none,
    unknownTop: none,
    selectivity: none,
    calibrationError: { before: none, after: none, change: none },
    reliability: [],
  };
}

/** A target that cannot be scaled, and why. */
export function unmeasured(target: MitigationTarget, reason: string): MitigationResult {
  const none = notObserved(reason);
  const changed = { before: none, after: none, change: none };
  return {
    target,
    reason,
    points: [],
    bestAlpha: null,
    test: {
      probability: changed,
      logProb: changed,
      rank: changed,
      top1: changed,
      candidateTop1: changed,
    },
    overTemperature: none,
    guards: noGuards(reason),
    verdict: "INCONCLUSIVE",
  };
}

/** See `MitigationVerdict`. @param facts test facts */
export function verdictOf(
  {
    bestAlpha,
    test,
    overTemperature: over,
  }: Pick<MitigationResult, "bestAlpha" | "test" | "overTemperature">,
  facts: number,
): MitigationVerdict {
  const { low, high } = test.logProb.change;
  if (facts < SUFFICIENT_FACTS || bestAlpha === null || low === null || high === null) return "INCONCLUSIVE";
  if (bestAlpha >= 1) return "NOT_OBSERVED";
  if (low > 0) {
    const better = isAboveZero(over) || isBelowZero(test.rank.change);
    return better ? "OBSERVED" : "ONLY_RESCALES_CONFIDENCE";
  }
  return high <= 0 || (low > -DELTA && high < DELTA) ? "NOT_OBSERVED" : "INCONCLUSIVE";
}
