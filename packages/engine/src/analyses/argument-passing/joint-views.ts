import type { FactBootstrap } from "../../math/fact-bootstrap.ts";
import type { Estimate } from "../../results/estimate.ts";
import type {
  Direction,
  JointMetric,
  JointVerdict,
  JointView,
  SetEffect,
} from "../../results/joint-effect.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import { FactSums } from "./fact-sums.ts";
import { ARMS, type JointReading, subsetsOf } from "./joint-passes.ts";
import { MIN_DENOMINATOR } from "./thresholds.ts";

/** Interactions within this share of the denominator are none. */
const NEGLIGIBLE = 0.02;
const METRICS: readonly JointMetric[] = ["logit_diff", "answer_logit"];

export interface JointPrompt extends JointReading {
  /** Place among the measured facts. */
  fact: number;
}

/** One prompt's effects in logits under one arm and metric. */
interface Effects {
  singles: number[];
  joint: number;
  sum: number;
  /** Interactions of pairs. */
  pairs: number[];
  /** What normalised effects are shares of. */
  denominator: number;
  /** The clean run prefers the answer. */
  lead: boolean;
}

/** All arms and metrics over all prompts; `facts` is the number of measured facts, `heads` that of the set. */
export function jointViews(
  prompts: readonly JointPrompt[],
  heads: number,
  facts: number,
  bootstrap: FactBootstrap,
): JointView[] {
  return ARMS.flatMap((_, arm) =>
    METRICS.map((_, metric) => view(prompts, arm, metric, heads, facts, bootstrap)),
  );
}

function view(
  prompts: readonly JointPrompt[],
  arm: number,
  metric: number,
  heads: number,
  facts: number,
  bootstrap: FactBootstrap,
): JointView {
  const { pairs } = subsetsOf(heads);
  // joint, sum, interaction, singles, pairs over all prompts; the first three and the denominator again over prompts with a lead.
  const [single, pair, usable] = [3, 3 + heads, 3 + heads + pairs.length];
  const sums = new FactSums(facts, usable + 4);
  for (const prompt of prompts) {
    const own = effects(prompt, arm, metric, heads);
    const whole = [own.joint, own.sum, own.joint - own.sum];
    for (const [i, value] of [...whole, ...own.singles, ...own.pairs].entries())
      sums.add(prompt.fact, i, value);
    if (!own.lead) continue;
    for (const [i, value] of [...whole, own.denominator].entries()) sums.add(prompt.fact, usable + i, value);
  }
  const raw = (i: number) => sums.mean(i, bootstrap, "no pair");
  const share = (i: number) =>
    sums.ratio(
      usable + i,
      usable + 3,
      MIN_DENOMINATOR,
      bootstrap,
      (mean) => `what the effect is a share of is ${mean.toPrecision(2)} logits only`,
    );
  const setEffect = (of: (i: number) => Estimate): SetEffect => ({
    joint: of(0),
    sum: of(1),
    interaction: of(2),
  });
  const normalised = setEffect(share);
  const { direction, replacement } = ARMS[arm]!;
  return {
    replacement,
    direction,
    metric: METRICS[metric]!,
    raw: setEffect(raw),
    normalised,
    singles: Array.from({ length: heads }, (_, i) => raw(single + i)),
    pairs: pairs.map((places, i) => ({ heads: places, interaction: raw(pair + i) })),
    ...judge(normalised.interaction, direction),
  };
}

function effects(prompt: JointPrompt, arm: number, metric: number, heads: number): Effects {
  const { replacement, direction } = ARMS[arm]!;
  const own = prompt.arms[arm]!;
  const clean = prompt.clean[metric]!;
  // With heads zeroed there is no run of its own that is all replaced: it is the clean one with the whole set zeroed.
  const zeroed = prompt.arms[ARMS.findIndex((a) => a.replacement === "ZERO" && a.direction === "NOISING")]!;
  const replaced = replacement === "ZERO" ? zeroed.all[metric]! : prompt.corrupted[metric]!;
  const effect = (values: readonly number[]) =>
    direction === "NOISING" ? clean - values[metric]! : values[metric]! - replaced;
  const singles = own.singles.map(effect);
  return {
    singles,
    joint: effect(own.all),
    sum: singles.reduce((a, b) => a + b, 0),
    pairs: subsetsOf(heads).pairs.map(([a, b], i) => effect(own.pairs[i]!) - singles[a]! - singles[b]!),
    denominator: clean - replaced,
    lead: prompt.clean[METRICS.indexOf("logit_diff")]! > 0,
  };
}

/** See `JointView.verdict`. */
export function judge(
  { low, high, n, reason }: Estimate,
  direction: Direction,
): { verdict: JointVerdict | null; reason?: string } {
  if (low === null || high === null)
    return { verdict: null, reason: reason ?? "no interval of the interaction" };
  if (n < SUFFICIENT_FACTS)
    return { verdict: null, reason: `${n} facts (at least ${SUFFICIENT_FACTS} needed for a verdict)` };
  if (low >= -NEGLIGIBLE && high <= NEGLIGIBLE) return { verdict: "additive" };
  if (low <= 0 && high >= 0) return { verdict: "inconclusive" };
  return { verdict: high < 0 === (direction === "NOISING") ? "AND-like" : "OR-like or backup" };
}
