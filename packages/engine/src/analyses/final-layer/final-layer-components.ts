import { componentFigures } from "../../figures/final-layer.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { softmax } from "../../math/softmax.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type {
  FinalLayerComponent,
  FinalLayerComponentsReport,
} from "../../results/final-layer-components.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import { type FactPrompts, SUFFICIENT_FACTS } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { answerNeurons, type NeuronInput } from "./answer-neurons.ts";
import { emptySeries, rowProduct, type Series, seriesEstimates, setDla } from "./component-series.ts";
import { slopeDirection } from "./copy-slope.ts";
import { type Frequency, frequencyCorrelation, frequencyOf } from "./frequency.ts";
import { finalResidual, lastLayerPass, lastLayerRows, stacked } from "./last-layer.ts";
import { neuronEffects, neuronWeights } from "./neuron-effects.ts";

const SLOPE_TOKENS = 50;
const FACTS_PER_STEP = 8;

/** One prompt's numbers; series are over components (heads, attention bias, MLP). NaN = not observed. */
interface Measured extends NeuronInput {
  logProbChange: number;
  rankChange: number;
  entropyChange: number;
  klBefore: number;
  klAfter: number;
  series: Series;
  /** Final residual `[d_model]`. */
  final: Float32Array;
}
/**
 * The last block part by part: what heads, the attention's bias, the MLP and its neurons write on the answer, on the other candidates and
 * along log frequency, how far they take back what was already predicted, and what the block does to the prediction as a whole.
 */
export const finalLayerComponents = defineFurther<FinalLayerComponentsReport>({
  id: "final-layer-components",
  title: "Final layer, part by part",
  mechanism: "final layer",
  summary: "Which heads and neurons of the last layer hold the answer back, and which push frequent tokens.",
  standard: false,
  figures: componentFigures,
  lacks: ({ postNorm }) =>
    postNorm === "none"
      ? null
      : "what its MLP's neurons write goes through a norm together, and cannot be taken away one by one after it",
  run: (context) => measureComponents(context),
});

/** @param counts of the user's per token of the vocabulary, used instead of the corpus-free estimates */
export async function measureComponents(
  context: FurtherContext,
  counts?: ArrayLike<number>,
): Promise<FinalLayerComponentsReport & { arrays: LabeledArray[] }> {
  const { measured: facts, model, settings } = context;
  const frequency = await frequencyOf(context, counts);
  const weights = await neuronWeights(context, frequency);
  const candidates = await context.instruments.directions(context.candidates);
  const measured: Measured[][] = [];
  for (let from = 0; from < facts.length; from += FACTS_PER_STEP) {
    const group = facts.slice(from, from + FACTS_PER_STEP);
    measured.push(...(await measureFacts(group, candidates, frequency, context)));
    context.progress(measured.length, facts.length + 1);
  }
  const used = measured.map((own) => own.slice(0, settings.sweepPrompts));
  const over = (pick: (m: Measured) => number, unavailable = "no known fact") =>
    meanOverPrompts(
      measured.map((own) => own.map(pick)),
      context,
      unavailable,
    );
  const unknown = "nothing estimates how frequent tokens are";
  const { components, arrays } = componentReports(measured, context);
  const directions = frequency.bottom.length / model.width;
  return {
    layer: model.layers - 1,
    sufficient: facts.length >= SUFFICIENT_FACTS,
    unigram: frequency.report,
    effect: {
      logProbChange: over((m) => m.logProbChange),
      rankChange: over((m) => m.rankChange),
      entropyChange: over((m) => m.entropyChange),
      unigramKlBefore: over((m) => m.klBefore, unknown),
      unigramKlAfter: over((m) => m.klAfter, unknown),
      towardUnigram: over((m) => m.klBefore - m.klAfter, unknown),
    },
    components,
    neurons: await answerNeurons(measured, weights, candidates, frequency, context),
    slopeTokens: Math.min(SLOPE_TOKENS, model.vocabulary),
    ...(await neuronEffects(used, weights, frequency, context)),
    neuronEffects: {
      ablation: "ZERO",
      prompts: used.reduce((sum, own) => sum + own.length, 0),
      nullDirections: directions,
      chanceRho: Math.sqrt(directions / model.width),
    },
    arrays,
  };
}

async function measureFacts(
  facts: readonly FactPrompts[],
  candidates: Float32Array,
  frequency: Frequency,
  context: FurtherContext,
): Promise<Measured[][]> {
  const { model } = context;
  const hidden = hookName("mlp.hook_post", model.layers - 1);
  const prompts = facts.flatMap((fact) => fact.prompts);
  const results = await context.execute(
    prompts.map(({ tokens }) => {
      const pass = lastLayerPass(tokens, model, "last");
      return { ...pass, capture: [...pass.capture!, { hook: hidden, positions: "last" }] };
    }),
  );
  const out: Measured[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const own = results[i]!.captures.get(hidden)!;
    out.push({ ...(await measurePrompt(prompt, results[i]!, candidates, frequency, context)), hidden: own });
  }
  let at = 0;
  return facts.map((fact) => {
    at += fact.prompts.length;
    return out.slice(at - fact.prompts.length, at);
  });
}

async function measurePrompt(
  prompt: PreparedPrompt,
  result: PassResult,
  candidates: Float32Array,
  frequency: Frequency,
  { model, instruments, candidates: tokens }: FurtherContext,
): Promise<Omit<Measured, "hidden">> {
  const { width, vocabulary, heads } = model;
  const [row] = lastLayerRows(result, model);
  const final = finalResidual(row!);
  const scale = instruments.scales(final)[0]!;
  const normed = instruments.normalise(stacked([row!.pre, final], width));
  const read = await instruments.read(normed, [[prompt.answerToken], [prompt.answerToken]], 1);
  const kl = await divergences(normed, frequency.logProbability, read.entropy, instruments);

  const count = heads + 2;
  const parts = new Float32Array(count * width);
  parts.set(row!.heads);
  parts.set(row!.bias, heads * width);
  parts.set(row!.mlp, (heads + 1) * width);
  const attribution = await instruments.product(parts, candidates, width);
  const answer = tokens.indexOf(prompt.answerToken);
  const pushes = await frequency.push(parts);
  const [top] = await instruments.top(normed.subarray(0, width), Math.min(SLOPE_TOKENS, vocabulary));
  const slope = slopeDirection(
    top!.map(({ value }) => value),
    await instruments.directions(top!.map(({ token }) => token)),
    width,
  );
  const series = emptySeries(count);
  for (let c = 0; c < count; c++) {
    const dla = attribution.subarray(c * tokens.length, (c + 1) * tokens.length);
    setDla(series, c, dla, answer, 1 / scale);
    series.correlation[c] = frequency.logFrequency
      ? frequencyCorrelation(pushes.along[c]!, pushes.length[c]!, 1 / scale, vocabulary)
      : Number.NaN;
    series.slope[c] = slope ? rowProduct(parts, c, slope) / scale : Number.NaN;
  }
  return {
    answer: prompt.answerToken,
    logProbChange: read.logit[1]! - read.logSumExp[1]! - (read.logit[0]! - read.logSumExp[0]!),
    rankChange: read.rank[1]! - read.rank[0]!,
    entropyChange: read.entropy[1]! - read.entropy[0]!,
    klBefore: kl[0]!,
    klAfter: kl[1]!,
    series,
    scale,
    slope,
    final,
  };
}

/** KL(p || unigram) of normed rows, nats: -entropy - sum_v p(v) log f(v). NaN where there is no unigram. */
async function divergences(
  normed: Float32Array,
  logProbability: Float64Array | null,
  entropy: Float32Array,
  instruments: FurtherContext["instruments"],
): Promise<Float64Array> {
  const out = new Float64Array(entropy.length).fill(Number.NaN);
  if (!logProbability) return out;
  const p = new Float64Array(logProbability.length);
  await instruments.visitLogits(normed, (row, logits) => {
    softmax(logits, p);
    let cross = 0;
    for (let v = 0; v < p.length; v++) cross -= p[v]! * logProbability[v]!;
    out[row] = cross - entropy[row]!;
  });
  return out;
}

function componentReports(measured: readonly Measured[][], context: FurtherContext) {
  const { heads, layers } = context.model;
  const names = [
    ...Array.from({ length: heads }, (_, head) => ({
      label: `L${layers - 1}H${head}`,
      kind: "head" as const,
      index: head,
    })),
    { label: `L${layers - 1}.attn_bias`, kind: "attn_bias" as const, index: null },
    { label: `MLP${layers - 1}`, kind: "mlp" as const, index: null },
  ];
  const estimates = seriesEstimates(
    measured.map((own) => own.map(({ series }) => series)),
    names.length,
    context,
  );
  const components = names.map((name, c): FinalLayerComponent => ({ ...name, ...estimates[c]! }));
  const prompts = context.measured.flatMap((fact) => fact.prompts.map(({ index }) => String(index)));
  const arrays: LabeledArray[] = [
    {
      name: "final-layer-components.answer",
      unit: "logit",
      axes: [
        { dim: "prompt", labels: prompts },
        { dim: "component", labels: names.map(({ label }) => label) },
      ],
      values: Float32Array.from(measured.flatMap((own) => own.flatMap(({ series }) => [...series.answer]))),
    },
  ];
  return { components, arrays };
}
