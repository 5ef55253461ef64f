import { hookName } from "../../hooks/hook-points.ts";
import { mean, median } from "../../math/statistics.ts";
import type { ForwardPass } from "../../planner/forward-pass.ts";
import type { Estimate } from "../../results/estimate.ts";
import type { KnownFilter } from "../../results/receipt.ts";
import { defineAnalysis } from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";

/** What the model answered to one prompt. */
export interface Outcome {
  rank: number;
  candidateRank: number;
  probability: number;
  logProb: number;
  centredLogit: number;
  fullAnswerTop1: boolean | null;
  topTokens: { token: number; probability: number }[];
}

export interface OutcomeSummary {
  top1: Estimate;
  candidateTop1: Estimate;
  medianRank: number | null;
  probability: Estimate;
  logProb: Estimate;
  chance: number;
}

const TOP = 10;

/**
 * Rank, candidate rank, probability of the answer's first token at the last position; answers of several tokens are also forced, to see
 * whether every token is top-1. rank = number of tokens with a strictly larger logit (0 = top).
 */
export const outcomes = defineAnalysis<Outcome[], OutcomeSummary>({
  id: "outcomes",
  title: "Answer rank and probability",
  mechanism: "prediction",
  summary: "How well the model answers each prompt, over the vocabulary and among the task's candidates.",

  passes({ tokens, answerTokens }, { model }) {
    const hook = hookName("hook_resid_post", model.layers - 1);
    const passes: ForwardPass[] = [{ tokens, capture: [{ hook, positions: "last" }] }];
    if (answerTokens.length > 1) {
      passes.push({
        tokens: [...tokens, ...answerTokens.slice(0, -1)],
        capture: [{ hook, positions: "all" }],
      });
    }
    return passes;
  },

  async measure({ prompts }, results, { model, candidates, instruments }) {
    const hook = hookName("hook_resid_post", model.layers - 1);
    const out: Outcome[] = [];
    for (const [i, prompt] of prompts.entries()) {
      const [clean, forced] = results[i]!;
      const rows = instruments.normalise(clean!.captures.get(hook)!);
      const targets = [prompt.answerToken, ...candidates];
      const top = (await instruments.top(rows, Math.min(TOP, model.vocabulary)))[0]!;
      // `top` knows logits before a soft cap; which are the largest is the same.
      const capped = model.logitCap === null ? [] : top.map(({ token }) => token);
      const read = await instruments.read(rows, [[...targets, ...capped]], 1);
      const { logit, rank, logSumExp, mean: average } = read;
      for (const i of capped.keys()) top[i]!.value = logit[targets.length + i]!;
      const answer = logit[0]!;
      let fullAnswerTop1: boolean | null = null;
      if (forced) {
        const all = forced.captures.get(hook)!;
        const from = all.length - prompt.answerTokens.length * model.width;
        const best = await instruments.top(instruments.normalise(all.subarray(from)), 1);
        fullAnswerTop1 = best.every(([first], token) => first!.token === prompt.answerTokens[token]);
      }
      out.push({
        rank: rank[0]!,
        candidateRank: candidates.filter((token, c) => token !== prompt.answerToken && logit[1 + c]! > answer)
          .length,
        probability: Math.exp(answer - logSumExp[0]!),
        logProb: answer - logSumExp[0]!,
        centredLogit: answer - average[0]!,
        fullAnswerTop1,
        topTokens: top.map(({ token, value }) => ({ token, probability: Math.exp(value - logSumExp[0]!) })),
      });
    }
    return out;
  },

  aggregate(measurements, context) {
    const over = (value: (outcome: Outcome) => number) =>
      meanOverPrompts(
        measurements.map((own) => own.map(value)),
        context,
      );
    return {
      top1: over(top1Of),
      candidateTop1: over(({ candidateRank }) => (candidateRank === 0 ? 1 : 0)),
      medianRank: median(measurements.flat().map(({ rank }) => rank)),
      probability: over(({ probability }) => probability),
      logProb: over(({ logProb }) => logProb),
      chance: 1 / context.candidates.length,
    };
  },
});

/** What a prompt counts for in the share of prompts with the answer on top. */
export const top1Of = ({ rank }: Outcome): number => (rank === 0 ? 1 : 0);

/** A fact is known when the filter holds on at least half of its prompts. */
export const isKnown = (own: readonly Outcome[], filter: KnownFilter): boolean =>
  knownShare(own, filter) >= 0.5;

/** Share of a fact's prompts on which the known filter holds. */
export function knownShare(own: readonly Outcome[], filter: KnownFilter): number {
  const holds = ({ rank, candidateRank }: Outcome) =>
    filter === "TOP1" ? rank === 0 : filter === "TOP10" ? rank < 10 : candidateRank === 0;
  return mean(own.map((outcome) => (holds(outcome) ? 1 : 0)));
}
