import { headLabel } from "../../hooks/head-label.ts";
import { hookName } from "../../hooks/hook-points.ts";
import type { FactBootstrap } from "../../math/fact-bootstrap.ts";
import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import { descendingRanks, rankIntervals } from "../../math/rank-intervals.ts";
import { SignFlip } from "../../math/sign-flip.ts";
import type { ForwardPass } from "../../planner/forward-pass.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type { ArgumentPassingReport, HeadReport } from "../../results/report.ts";
import type { EffectSums } from "../../results/so-far.ts";
import {
  type Aggregation,
  type AnalysisContext,
  defineAnalysis,
  SUFFICIENT_FACTS,
  type WithArrays,
} from "../analysis.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { MAX_Q, MIN_DENOMINATOR, MIN_EFFECT } from "./thresholds.ts";

/** One prompt's logit differences answer - wrong: clean, corrupted, and with each head patched, `[layer * heads + head]`. */
interface PatchedPrompt {
  prompt: number;
  clean: number;
  corrupted: number;
  noising: Float64Array;
  denoising: Float64Array;
}
export type PatchingReport = Pick<
  ArgumentPassingReport,
  "cleanMetric" | "corruptedMetric" | "pairs" | "excludedPairs" | "movers"
> & {
  heads: Pick<
    HeadReport,
    | "layer"
    | "head"
    | "label"
    | "noising"
    | "denoising"
    | "effect"
    | "rank"
    | "rankInterval"
    | "pValue"
    | "qValue"
    | "mover"
  >[];
};

/**
 * Activation patching of every head's z at the last position under subject corruption, metric LD = logit(answer) - logit(donor's answer).
 * noising = (LD_clean - LD[clean run, z <- corrupted]) / (LD_clean - LD_corrupted); denoising = (LD[corrupted run, z <- clean] -
 * LD_corrupted) / the same. Aggregated as ratio of means. Mover: q < 0.05 (sign flips over facts, Benjamini-Hochberg over heads), interval
 * above 0, effect >= 0.02.
 */
export const headPatching = defineAnalysis<PatchedPrompt[], WithArrays<PatchingReport>>({
  id: "head-patching",
  title: "Activation patching of heads",
  mechanism: "argument passing",
  summary: "How much of the answer's lead each head carries at the last position, in both directions.",

  passes({ tokens, answerToken, corrupted }, { model }) {
    if (!corrupted) return [];
    const query = { tokens: [answerToken, corrupted.wrongToken] };
    const passes: ForwardPass[] = [
      { tokens, query },
      { tokens: corrupted.tokens, query },
    ];
    for (const [target, source] of [
      [0, 1],
      [1, 0],
    ] as const) {
      for (let layer = 0; layer < model.layers; layer++) {
        for (let head = 0; head < model.heads; head++) {
          const edit = {
            hook: hookName("attn.hook_z", layer),
            head,
            position: -1,
            scale: 0,
            value: { pass: source },
          };
          passes.push({ tokens: passes[target]!.tokens, query, edits: [edit] });
        }
      }
    }
    return passes;
  },

  measure({ prompts }, results, { model }) {
    const heads = model.layers * model.heads;
    return prompts.flatMap(({ index }, i) => {
      const metric = results[i]!.map(({ queried }) => queried![0]! - queried![1]!);
      if (metric.length === 0) return [];
      return [
        {
          prompt: index,
          clean: metric[0]!,
          corrupted: metric[1]!,
          noising: Float64Array.from(metric.slice(2, 2 + heads)),
          denoising: Float64Array.from(metric.slice(2 + heads)),
        },
      ];
    });
  },

  aggregate(measurements, context) {
    const excludedPairs = excluded(measurements, context);
    const used = measurements.map(usablePairs);
    const effects = headEffects(used, context);
    const metric = (key: "clean" | "corrupted") =>
      meanOverPrompts(
        used.map((own) => own.map((p) => p[key])),
        context,
        "no usable pair",
      );
    return {
      report: {
        cleanMetric: metric("clean"),
        corruptedMetric: metric("corrupted"),
        pairs: used.flat().length,
        excludedPairs,
        heads: effects,
        movers: effects
          .filter(({ mover }) => mover)
          .sort((a, b) => a.rank - b.rank)
          .map(({ label }) => label),
      },
      arrays: [
        patchedArray("patching.noising", used, "noising", context),
        patchedArray("patching.denoising", used, "denoising", context),
        pairArray("patching.clean", used, "clean"),
        pairArray("patching.corrupted", used, "corrupted"),
      ],
    };
  },
});

function excluded(
  measurements: readonly PatchedPrompt[][],
  { measured, facts }: Aggregation,
): ArgumentPassingReport["excludedPairs"] {
  const pairs = new Map(measurements.flat().map((p) => [p.prompt, p]));
  return measured.flatMap(({ index, prompts }) =>
    prompts.flatMap(({ index: prompt }) => {
      const pair = pairs.get(prompt);
      if (!pair)
        return [{ prompt, reason: `no donor has as many subject tokens as ${facts[index]!.subject}` }];
      if (pair.clean <= 0) return [{ prompt, reason: "the clean run prefers the donor's answer" }];
      return [];
    }),
  );
}

/** A pair whose clean run does not prefer the answer has nothing to lose; it stays out of normalised effects. */
export const usablePairs = (own: readonly PatchedPrompt[]): PatchedPrompt[] =>
  own.filter(({ clean }) => clean > 0);

/** What a fact's usable pairs add to the effects over facts: sums of what patches changed, `[layer * heads + head]`. */
export function effectSums(used: readonly PatchedPrompt[], heads: number) {
  const sums = {
    pairs: used.length,
    total: used.reduce((sum, p) => sum + p.clean - p.corrupted, 0),
    noising: new Float64Array(heads),
    denoising: new Float64Array(heads),
    effect: new Float64Array(heads),
  };
  for (let i = 0; i < heads; i++) {
    for (const p of used) {
      sums.noising[i]! += p.clean - p.noising[i]!;
      sums.denoising[i]! += p.denoising[i]! - p.corrupted;
    }
    sums.effect[i] = (sums.noising[i]! + sums.denoising[i]!) / 2;
  }
  return sums;
}

/** Normalised effects over facts, as ratios of means; `problem` says why there are none. */
export function effectOverFacts(
  facts: readonly Pick<EffectSums, "pairs" | "total">[],
  bootstrap: FactBootstrap,
) {
  const total = facts.map((own) => own.total);
  const pairs = facts.reduce((sum, own) => sum + own.pairs, 0);
  const meanTotal = total.reduce((a, b) => a + b, 0) / Math.max(1, pairs);
  return {
    problem:
      pairs === 0
        ? "no usable pair"
        : Math.abs(meanTotal) <= MIN_DENOMINATOR
          ? `clean and corrupted differ by ${meanTotal.toPrecision(2)} logits only`
          : null,
    /** @param sums of each fact */
    ratio: (sums: readonly number[]): Estimate => bootstrap.ratio(sums, total),
    replicates: (sums: readonly number[]): Float64Array => bootstrap.replicates(sums, total),
  };
}

function headEffects(used: readonly PatchedPrompt[][], context: Aggregation): PatchingReport["heads"] {
  const { bootstrap, settings, model, measured, facts } = context;
  const sums = used.map((own) => effectSums(own, model.layers * model.heads));
  const { problem, ratio, replicates } = effectOverFacts(sums, bootstrap);
  // Facts without a usable pair must not count as facts with effect 0.
  const observed = used.flatMap((own, fact) => (own.length ? [fact] : []));
  const names = observed.map((fact) => facts[measured[fact]!.index]!.subject);
  const signFlip = new SignFlip(observed.length, settings.seed, undefined, names);
  const heads = Array.from({ length: model.layers * model.heads }, (_, i) => {
    const estimate = (of: "noising" | "denoising" | "effect"): Estimate =>
      problem ? notObserved(problem) : ratio(sums.map((own) => own[of][i]!));
    const both = sums.map(({ effect }) => effect[i]!);
    return {
      layer: Math.floor(i / model.heads),
      head: i % model.heads,
      noising: estimate("noising"),
      denoising: estimate("denoising"),
      effect: estimate("effect"),
      replicates: problem ? new Float64Array(0) : replicates(both),
      pValue: problem ? null : signFlip.pValue(observed.map((fact) => both[fact]! / used[fact]!.length)),
    };
  });
  const ranks = descendingRanks(heads.map(({ effect }) => effect.value ?? Number.NEGATIVE_INFINITY));
  const intervals =
    problem || observed.length < 2 ? null : rankIntervals(heads.map(({ replicates }) => replicates));
  const qValues = falseDiscoveryQ(heads.map(({ pValue }) => pValue));
  const sufficient = observed.length >= SUFFICIENT_FACTS;
  return heads.map(({ replicates, ...head }, i) => {
    const { value, low } = head.effect;
    const q = qValues[i] ?? null;
    return {
      ...head,
      label: headLabel(head),
      rank: ranks[i]!,
      rankInterval: intervals?.[i] ?? null,
      qValue: q,
      mover:
        sufficient &&
        q !== null &&
        q < MAX_Q &&
        low !== null &&
        low > 0 &&
        value !== null &&
        value >= MIN_EFFECT,
    };
  });
}

function patchedArray(
  name: string,
  used: readonly PatchedPrompt[][],
  key: "noising" | "denoising",
  { model }: Pick<AnalysisContext, "model">,
): LabeledArray {
  const rows = used.flat();
  return {
    name,
    unit: "logit",
    axes: [
      { dim: "prompt", labels: rows.map(({ prompt }) => String(prompt)) },
      { dim: "layer", labels: Array.from({ length: model.layers }, (_, layer) => String(layer)) },
      { dim: "head", labels: Array.from({ length: model.heads }, (_, head) => String(head)) },
    ],
    values: Float32Array.from(rows.flatMap((row) => [...row[key]])),
  };
}

const pairArray = (
  name: string,
  used: readonly PatchedPrompt[][],
  key: "clean" | "corrupted",
): LabeledArray => ({
  name,
  unit: "logit",
  axes: [{ dim: "prompt", labels: used.flat().map(({ prompt }) => String(prompt)) }],
  values: Float32Array.from(used.flat(), (row) => row[key]),
});
