import { ATTRIBUTION_PATCHING, INTEGRATED_GRADIENTS, type Quadrature } from "../../gradients/quadrature.ts";
import { sum } from "../../math/statistics.ts";
import {
  type AttributionAuditReport,
  type AttributionMethodAudit,
  AUDITED_SETS,
  type AuditedHead,
} from "../../results/attribution-audit.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { Figure } from "../../results/figure.ts";
import { defineFurther } from "../further.ts";
import { compareWithExact } from "./attribution-agreement.ts";
import { chooseHeads, largestPlaces } from "./attribution-audit-heads.ts";
import { type AuditedPair, attributePairs, pairArrays, patchExactly } from "./attribution-audit-pairs.ts";
import { MIN_DENOMINATOR, MIN_EFFECT } from "./thresholds.ts";

/**
 * Attribution patching and integrated gradients of every head's z at the last position, against exact patching (clean z into the corrupted
 * run) of the heads of largest |attribution| and of a random sample. Gradients are a screen: what they miss, only such a sample shows.
 */
export const attributionAudit = defineFurther<AttributionAuditReport>({
  id: "attribution-audit",
  title: "Audit of attribution patching",
  mechanism: "argument passing",
  summary:
    "How well gradients rank the heads that patching finds, with sign errors and heads that they miss.",
  corruption: "SUBJECT",
  standard: false,

  async run(context) {
    const { pairs, excludedPairs } = await attributePairs(context);
    const excluded = [...excludedPairs];
    for (const { prompt, clean } of pairs)
      if (clean <= 0)
        excluded.push({ prompt: prompt.index, reason: "the clean run prefers the donor's answer" });
    const used = pairs.filter(({ clean }) => clean > 0);
    const sums = (pick: (pair: AuditedPair) => number) => factSums(used, context.measured.length, pick);
    const counts = sums(() => 1);
    const total = sums(({ clean, corrupted }) => clean - corrupted);
    const meanTotal = used.length ? sum(total) / used.length : 0;
    const problem =
      used.length === 0
        ? "no usable pair"
        : Math.abs(meanTotal) <= MIN_DENOMINATOR
          ? `clean and corrupted differ by ${meanTotal.toPrecision(2)} logits only`
          : null;
    const count = context.model.layers * context.model.heads;
    const perHead = (key: "attribution" | "integrated" | "exact") =>
      Array.from({ length: count }, (_, head) => sums((pair) => pair[key][head]!));
    const estimated = { attribution: perHead("attribution"), integrated: perHead("integrated") };
    const chosen = chooseHeads(estimated.attribution.map(sum), context.settings.seed);
    if (!problem) await patchExactly(used, chosen.sets.MEASURED, context);
    const exact = perHead("exact");

    const label = (head: number) =>
      `L${Math.floor(head / context.model.heads)}H${head % context.model.heads}`;
    const ratio = (effect: Float64Array): Estimate =>
      problem ? notObserved(problem) : context.bootstrap.ratio(effect, total);
    const audit = (
      method: AttributionMethodAudit["method"],
      key: keyof typeof estimated,
      { rule, steps }: Quadrature,
      completeness: Estimate,
    ): AttributionMethodAudit => ({
      method,
      rule,
      steps,
      ...compareWithExact(
        {
          estimated: estimated[key],
          exact: new Map(chosen.sets.MEASURED.map((head) => [head, exact[head]!])),
          total,
        },
        chosen,
        MIN_EFFECT,
        label,
      ),
      completeness,
    });
    const inTop = new Set(largestPlaces(estimated.attribution.map(sum), chosen.top));
    const heads = exact.map((_, place): AuditedHead => {
      const sets = AUDITED_SETS.filter((set) => chosen.sets[set].includes(place));
      return {
        layer: Math.floor(place / context.model.heads),
        head: place % context.model.heads,
        label: label(place),
        attribution: ratio(estimated.attribution[place]!),
        integrated: ratio(estimated.integrated[place]!),
        exact:
          sets.length || problem
            ? ratio(exact[place]!)
            : notObserved("not patched: neither in the top nor in the random sample"),
        inTop: inTop.has(place),
        sets: problem ? [] : sets,
      };
    });
    const mean = (pick: (pair: AuditedPair) => number) =>
      context.bootstrap.ratio(sums(pick), counts, "no usable pair");
    const none = notObserved("defined for integrated gradients only");
    return {
      corruption: "SUBJECT",
      metric: "logit_diff",
      position: "last",
      direction: "DENOISING",
      pairs: used.length,
      promptsPerFact: context.settings.sweepPrompts,
      excludedPairs: excluded.sort((a, b) => a.prompt - b.prompt),
      cleanMetric: mean(({ clean }) => clean),
      corruptedMetric: mean(({ corrupted }) => corrupted),
      top: chosen.top,
      measured: problem ? 0 : chosen.sets.MEASURED.length,
      minEffect: MIN_EFFECT,
      methods: problem
        ? []
        : [
            audit("ATTRIBUTION_PATCHING", "attribution", ATTRIBUTION_PATCHING, none),
            audit(
              "INTEGRATED_GRADIENTS",
              "integrated",
              INTEGRATED_GRADIENTS,
              ratio(sums(({ inputs }) => inputs)),
            ),
          ],
      ...(problem && { reason: problem }),
      heads,
      arrays: pairArrays(used, context),
    };
  },

  figures: (report, { layers, headsPerLayer }) => [
    {
      kind: "HEADS",
      id: "attribution",
      title: "Attribution patching of heads",
      unit: "effect",
      unitText: "share of the clean lead over the corrupted one, by gradient",
      meaning:
        "What the gradient at the corrupted run says that a head's clean output at the last position would restore. Dots: heads that matter by exact patching.",
      formula: "(z clean - z corrupted) . d logit_diff / d z, over the mean of clean - corrupted",
      source: "Nanda 2023; Syed et al. 2310.10348",
      layers,
      headsPerLayer,
      cells: report.heads.map(({ attribution }) => attribution),
      marked: report.heads
        .filter(({ exact }) => Math.abs(exact.value ?? 0) >= report.minEffect)
        .map(({ label }) => label),
    },
    agreementFigure(report),
  ],
});

function factSums(
  pairs: readonly AuditedPair[],
  facts: number,
  pick: (pair: AuditedPair) => number,
): Float64Array {
  const out = new Float64Array(facts);
  for (const pair of pairs) out[pair.fact]! += pick(pair);
  return out;
}

const agreementFigure = ({ methods }: AttributionAuditReport): Figure => ({
  kind: "BARS",
  id: "agreement",
  title: "Agreement of gradients with exact patching",
  unit: "cosine",
  unitText: "Spearman's rank correlation over heads",
  meaning:
    "1: the gradient ranks heads as exact patching does; the random heads are the unbiased sample, and those of the top were chosen by the gradient itself.",
  formula: "Spearman(estimated effect, exact denoising effect)",
  source:
    "own design; attribution patching after Nanda 2023, integrated gradients after Hanna et al. 2403.17806",
  bars: methods.flatMap(({ method, steps, agreement }) =>
    agreement.map(({ set, heads, spearman }) => ({
      label: `${method === "ATTRIBUTION_PATCHING" ? "attribution patching" : `integrated gradients (${steps} steps)`}, ${heads} ${{ MEASURED: "measured heads", RANDOM: "random heads", OUTSIDE_TOP: "heads outside the top" }[set]}`,
      estimate: spearman,
    })),
  ),
});
