import { knockoutFigures } from "../../figures/knockout-figures.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { quantile } from "../../math/statistics.ts";
import type { ForwardPass } from "../../planner/forward-pass.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import {
  type AttentionKnockoutReport,
  KNOCKOUT_TARGETS,
  type KnockoutCurve,
  type KnockoutTarget,
} from "../../results/knockout.ts";
import type { SourceGroup } from "../../results/source-attribution.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { FactSums } from "./fact-sums.ts";
import { keysOf } from "./source-groups.ts";

const PASSES_PER_STEP = 2048;
/** Below this mean |log p(answer)| (nats) the model is certain, and a relative change is a quotient of noise. */
const MIN_LOG_PROB = 1e-3;
/** Drops closer than this share of the largest are the same (float32). */
const TIE = 1e-5;

const GROUPS: Record<KnockoutTarget, readonly SourceGroup[]> = {
  subject: ["subject"],
  relation: ["relation"],
  first: ["first"],
  rest: ["demonstration answers", "demonstration subjects", "rest"],
};
// Numbers of one prompt and window: three changes, and the clean values of prompts that have the target.
const [LOG_PROB, PROBABILITY, LEAD, CLEAN_LOG_PROB, CLEAN_PROBABILITY] = [0, 1, 2, 3, 4];
const SERIES = 5;

interface Readings {
  logProb: number;
  probability: number;
  /** Answer over the other candidates; NaN with a single candidate. */
  lead: number;
}

/** Blocks the last position's view of parts of the prompt, window by window; see `AttentionKnockoutReport`. */
export const attentionKnockout = defineFurther<AttentionKnockoutReport>({
  id: "attention-knockout",
  title: "Attention knockout",
  mechanism: "argument passing",
  summary:
    "At which depth the answer needs the last position to see the subject, the relation word, and the rest.",
  standard: true,
  figures: knockoutFigures,

  async run(context) {
    const { model, measured, bootstrap } = context;
    const radius = Math.max(1, Math.round(model.layers / 10));
    const windows = Array.from({ length: model.layers }, (_, layer) => ({
      layer,
      from: Math.max(0, layer - radius),
      to: Math.min(model.layers - 1, layer + radius),
    }));
    const sums = new FactSums(measured.length, KNOCKOUT_TARGETS.length * windows.length * SERIES);
    const clean = new FactSums(measured.length, 3);
    const at = (target: number, layer: number, which: number) =>
      (target * windows.length + layer) * SERIES + which;

    for await (const { fact, base, curves } of readPrompts(context, windows)) {
      for (const [i, value] of [base.logProb, base.probability, base.lead].entries())
        clean.add(fact, i, value);
      for (const { target, readings } of curves) {
        for (const [layer, reading] of readings.entries()) {
          const add = (which: number, value: number) => sums.add(fact, at(target, layer, which), value);
          add(LOG_PROB, reading.logProb - base.logProb);
          add(PROBABILITY, reading.probability - base.probability);
          add(LEAD, reading.lead - base.lead);
          add(CLEAN_LOG_PROB, Math.abs(base.logProb));
          add(CLEAN_PROBABILITY, base.probability);
        }
      }
    }
    const one = context.candidates.length < 2 ? "a single candidate" : "no prompt";
    const curves = KNOCKOUT_TARGETS.map((target, t): KnockoutCurve => {
      const missing = `no prompt has ${DESCRIPTION[target]}`;
      const prompts = sums.observed(at(t, 0, LOG_PROB));
      const certain = (mean: number) => `the clean |log p(answer)| is ${mean.toExponential(1)} nats only`;
      const rows = windows.map((window) => {
        const series = (which: number) => at(t, window.layer, which);
        const ratio = (top: number, bottom: number, least: number) =>
          prompts === 0
            ? notObserved(missing)
            : sums.ratio(series(top), series(bottom), least, bootstrap, certain);
        return {
          ...window,
          logProb: sums.mean(series(LOG_PROB), bootstrap, missing),
          relativeLogProb: ratio(LOG_PROB, CLEAN_LOG_PROB, MIN_LOG_PROB),
          relativeProbability: ratio(PROBABILITY, CLEAN_PROBABILITY, 0),
          candidateLogitDiff: sums.mean(series(LEAD), bootstrap, prompts === 0 ? missing : one),
        };
      });
      const replicates = () =>
        windows.map(({ layer }) =>
          bootstrap.replicates(sums.sum(at(t, layer, LOG_PROB)), sums.count(at(t, layer, LOG_PROB))),
        );
      return {
        target,
        prompts,
        windows: rows,
        largestDrop: largestDrop(
          rows.map(({ logProb }) => logProb),
          replicates,
        ),
      };
    });
    return {
      prompts: clean.observed(0),
      facts: measured.length,
      radius,
      cleanLogProb: clean.mean(0, bootstrap, "no prompt"),
      cleanProbability: clean.mean(1, bootstrap, "no prompt"),
      cleanCandidateLogitDiff: clean.mean(2, bootstrap, one),
      curves,
    };
  },
});

const DESCRIPTION: Record<KnockoutTarget, string> = {
  subject: "subject positions before the last one",
  relation: "a word for its relation before the last position",
  first: "a first position that is neither subject nor relation",
  rest: "other positions",
};

interface Window {
  layer: number;
  from: number;
  to: number;
}

/** Clean and knocked-out readings, prompt by prompt; targets that a prompt lacks are left out. */
async function* readPrompts(context: FurtherContext, windows: readonly Window[]) {
  const { measured, execute, progress, model } = context;
  const planned = measured.flatMap(({ prompts }, fact) =>
    prompts.map((prompt) => ({ fact, prompt, ...plan(prompt, windows, model.layers) })),
  );
  const perStep = Math.max(1, Math.floor(PASSES_PER_STEP / (1 + KNOCKOUT_TARGETS.length * windows.length)));
  for (let first = 0; first < planned.length; first += perStep) {
    const step = planned.slice(first, first + perStep);
    const results = await execute(step.flatMap(({ passes }) => passes));
    const rows = results.map(({ captures }) => captures.get(hookName("hook_resid_post", model.layers - 1))!);
    const answers = step.flatMap(({ prompt, passes }) => passes.map(() => prompt.answerToken));
    const readings = await read(rows, answers, context);
    let at = 0;
    for (const { fact, passes, targets } of step) {
      const own = readings.slice(at, at + passes.length);
      at += passes.length;
      yield {
        fact,
        base: own[0]!,
        curves: targets.map((target, i) => ({
          target,
          readings: own.slice(1 + i * windows.length, 1 + (i + 1) * windows.length),
        })),
      };
    }
    progress(first + step.length, planned.length);
  }
}

/** The clean pass, then one pass per window for each target that the prompt has. The last position always sees itself. */
function plan(prompt: PreparedPrompt, windows: readonly Window[], layers: number) {
  const capture = [{ hook: hookName("hook_resid_post", layers - 1), positions: "last" as const }];
  const passes: ForwardPass[] = [{ tokens: prompt.tokens, capture }];
  const targets: number[] = [];
  for (const [target, name] of KNOCKOUT_TARGETS.entries()) {
    const keys = keysOf(prompt, GROUPS[name]);
    if (keys.length === 0) continue;
    targets.push(target);
    for (const { from, to } of windows) {
      const knockouts = Array.from({ length: to - from + 1 }, (_, i) => ({
        layer: from + i,
        query: -1,
        keys,
      }));
      passes.push({ tokens: prompt.tokens, knockouts, capture });
    }
  }
  return { passes, targets };
}

async function read(
  rows: readonly Float32Array[],
  answers: readonly number[],
  { instruments, candidates, model }: FurtherContext,
): Promise<Readings[]> {
  const all = new Float32Array(rows.length * model.width);
  for (const [i, row] of rows.entries()) all.set(row, i * model.width);
  const out = await instruments.read(
    instruments.normalise(all),
    rows.map(() => candidates),
    1,
  );
  return answers.map((answer, i) => {
    const logits = out.logit.subarray(i * candidates.length, (i + 1) * candidates.length);
    const own = logits[candidates.indexOf(answer)]!;
    const others = (logits.reduce((a, b) => a + b, 0) - own) / (candidates.length - 1);
    const logProb = own - out.logSumExp[i]!;
    return {
      logProb,
      probability: Math.exp(logProb),
      lead: candidates.length > 1 ? own - others : Number.NaN,
    };
  });
}

/** Where log p(answer) falls most, as relative depth. */
function largestDrop(changes: readonly Estimate[], replicates: () => readonly Float64Array[]): Estimate {
  const n = changes[0]!.n;
  if (changes[0]!.value === null) return notObserved(changes[0]!.reason!, n);
  if (changes.every((change) => change.value! >= 0)) return notObserved("no window lowers log p(answer)", n);
  const value = depthOfMinimum(changes.map((change) => change.value!));
  if (n < 2) return { value, low: null, high: null, n, reason: "one fact gives no interval" };
  if (!changes.some(({ high }) => high !== null && high < 0))
    return notObserved("no window lowers log p(answer) with an interval below 0", n);
  const windows = replicates();
  const depths: number[] = [];
  for (let sample = 0; sample < windows[0]!.length; sample++) {
    const own = windows.map((window) => window[sample]!);
    if (own.every(Number.isFinite)) depths.push(depthOfMinimum(own));
  }
  return { value, low: quantile(depths, 0.025), high: quantile(depths, 0.975), n };
}

/** (layer + 0.5) / layers of the smallest number; the mean over ties. */
function depthOfMinimum(values: readonly number[]): number {
  const least = Math.min(...values);
  const layers = values.flatMap((value, layer) => (value - least <= TIE * Math.abs(least) ? [layer] : []));
  return (layers.reduce((a, b) => a + b, 0) / layers.length + 0.5) / values.length;
}
