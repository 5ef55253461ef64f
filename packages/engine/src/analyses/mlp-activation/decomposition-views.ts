import type { ModelFacts } from "../../architectures/architecture.ts";
import { decompositionFigures } from "../../figures/mlp-and-function.ts";
import { lastAttentionBefore } from "../../hooks/block-order.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { seededRandom } from "../../math/random.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type {
  DecompositionViewsReport,
  HeadSigns,
  ShuffledFit,
  ViewFit,
} from "../../results/decomposition-views.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type { FactPrompts } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { focusLayers, viewLayers } from "./focus-layers.ts";
import type { FactMoments } from "./moments.ts";
import { type CandidateReader, candidateReader } from "./readouts.ts";
import { completeDesign, type Design, designCaptures, layerDesign, mlpScale } from "./regressors.ts";
import { RunningMoments } from "./running-moments.ts";
import { partition, partitionsOf } from "./samples.ts";
import { shuffledFits } from "./shuffled-regressors.ts";
import { factViews, promptViews } from "./single-views.ts";
import { type TaskFit, taskViews } from "./task-views.ts";
import { type DesignFact, measureDesign } from "./view-measures.ts";

/** Facts whose passes go through the model together. */
const FACTS_PER_STEP = 4;
const LARGE = ["R2", "R4"];

interface Measured {
  design: Design;
  facts: DesignFact[];
  frames: Map<string, RunningMoments>;
}

/**
 * The MLP decomposition m = sum_k w_k x_k + b + e in all its views, so that a claim about a head does not hang on one choice: regressors R1-R5,
 * one fit per task, fact or prompt (P1-P3), regressors as written or as the MLP's norm scales them, held out by fact and by frame, with the
 * collinearity of the regressors, gains of the intercept for the answer type and for the answer itself, and weights and R2 of shuffled
 * regressors. R2 and R4 under `ln` are fitted at the headline layer only: each layer would need products of all columns of its own.
 */
export const decompositionViews = defineFurther<DecompositionViewsReport>({
  id: "decomposition-views",
  title: "MLP decomposition, all views",
  mechanism: "MLP activation",
  summary:
    "Whether a head's weight in the MLP decomposition holds under other regressors, poolings and scales.",
  standard: false,
  figures: decompositionFigures,

  async run(context) {
    const { report, measured: known, model } = context;
    const { layers, layersFrom } = viewLayers(report, model);
    const headlineLayer = report.mlpActivation.headlineLayer;
    const movers = report.argumentPassing.heads.filter(({ mover }) => mover);
    const designs = [
      completeDesign(model, layers, null),
      ...(headlineLayer === null ? [] : [completeDesign(model, [headlineLayer], headlineLayer)]),
      ...layers.flatMap((layer) => [
        layerDesign(model, layer, movers, "raw"),
        layerDesign(model, layer, movers, "ln"),
      ]),
    ].map((design): Measured => ({ design, facts: [], frames: new Map() }));
    const focus = new Set(focusLayers(report, model).map(({ layer }) => layer));
    const kept = new Map<Measured, Float32Array[][]>(
      designs.filter(({ design }) => focus.has(onlyLayer(design) ?? -1)).map((part) => [part, []]),
    );
    const reader = await candidateReader(context.candidates, model.width, context.instruments);
    let scales = 0;
    for (let at = 0; at < known.length; at += FACTS_PER_STEP) {
      const group = known.slice(at, at + FACTS_PER_STEP);
      const results = await execute(group, layers, context);
      for (const [i, fact] of group.entries()) {
        scales += await measureFact(fact, results[i]!, designs, kept, reader, context);
        context.progress(at + i + 1, known.length + 1);
      }
    }
    const prompts = known.reduce((sum, fact) => sum + fact.prompts.length, 0);
    const random = seededRandom(`decomposition-views ${context.settings.seed}`);
    const partitions = partitionsOf(known.length, random);
    const frameNames = [...designs[0]!.frames.keys()].sort();
    const frameParts = partition(frameNames.length, random);
    const out: DecompositionViewsReport = {
      layers,
      layersFrom,
      headlineLayer,
      prompts,
      facts: known.length,
      frames: frameNames.length,
      centred: model.norm.kind === "layernorm",
      fits: [],
      heads: [],
      shuffled: [],
      identities: { emptyRegressors: 0, specificity: 0 },
    };
    for (const part of designs) {
      const { design, facts } = part;
      const frames: FactMoments[] = [];
      for (const name of frameNames) frames.push(await part.frames.get(name)!.moments());
      const input = {
        ...{ design, facts, frames, partitions, frameParts, context },
        scale: scales / prompts,
        candidates: reader.tokens.length,
      };
      const task = await taskViews(input);
      out.fits.push(...task.map(({ view }) => view));
      out.identities.specificity = Math.max(
        out.identities.specificity,
        ...task.map(({ specificity }) => specificity),
      );
      if (design.scale === "raw") {
        const lambdas = byFamily(design, task);
        out.fits.push(...(await factViews(design, facts, lambdas, context, reader.tokens.length)));
        out.fits.push(...promptViews(design, facts, context));
      }
      const columns = kept.get(part);
      if (columns) out.shuffled.push(...(await shuffle(design, columns, task, context)));
      if (onlyLayer(design) !== null)
        out.identities.emptyRegressors = Math.max(out.identities.emptyRegressors, await emptyFit(input));
    }
    out.heads = headSigns(
      out.fits,
      movers.map(({ label }) => label),
      model,
    );
    const arrays = weightArrays(out.fits);
    for (const fit of out.fits) if (LARGE.includes(fit.regressors)) fit.weights = [];
    return { ...out, arrays };
  },
});

/** The layer of a raw design of one layer. */
const onlyLayer = ({ scale, families }: Design): number | null =>
  scale === "raw" && families[0]![0]!.set === "R1" ? families[0]![0]!.layer : null;

async function execute(
  facts: readonly FactPrompts[],
  layers: readonly number[],
  { model, execute }: FurtherContext,
): Promise<PassResult[][]> {
  const capture = designCaptures(model, layers).map((hook) => ({ hook, positions: "last" as const }));
  const results = await execute(
    facts.flatMap(({ prompts }) => prompts.map(({ tokens }) => ({ tokens, capture }))),
  );
  let at = 0;
  return facts.map(({ prompts }) => {
    at += prompts.length;
    return results.slice(at - prompts.length, at);
  });
}

/** @returns sum over prompts of the final norm's scale */
async function measureFact(
  { index, prompts }: FactPrompts,
  results: readonly PassResult[],
  designs: readonly Measured[],
  kept: ReadonlyMap<Measured, Float32Array[][]>,
  reader: CandidateReader,
  { instruments, model, facts, candidates }: FurtherContext,
): Promise<number> {
  const final = hookName("hook_resid_post", model.layers - 1);
  const scales = results.map(({ captures }) => instruments.scales(captures.get(final)!)[0]!);
  const answer = candidates.indexOf(facts[index]!.answerToken);
  for (const part of designs) {
    const { design, frames } = part;
    const own = results.map((result, i) => ({
      columns: design.columns(result),
      scale: scales[i]!,
      lnScale: design.layer === null ? 1 : mlpScale(result, design.layer),
    }));
    part.facts.push(await measureDesign(design, own, answer, reader, instruments));
    for (const [i, { frame }] of prompts.entries()) {
      if (!frames.has(frame)) frames.set(frame, new RunningMoments(model.width, instruments));
      await frames.get(frame)!.add(own[i]!.columns);
    }
    kept.get(part)?.push(own.map(({ columns }) => columns));
  }
  return scales.reduce((sum, scale) => sum + scale, 0);
}

function byFamily({ families }: Design, task: readonly TaskFit[]): (number | null)[][] {
  let at = 0;
  return families.map((family) => family.map(() => task[at++]!.fit.lambda));
}

/** T1: how far the intercept without regressors is from the mean MLP output, read on the candidates, in logits. */
async function emptyFit(input: Parameters<typeof taskViews>[0]): Promise<number> {
  const families = [input.design.families.flat().map((problem) => ({ ...problem, regressors: [] }))];
  const none = { selection: [], evaluation: [] };
  const fits = await taskViews({
    ...input,
    design: { ...input.design, families },
    partitions: none,
    frameParts: [],
  });
  return Math.max(
    0,
    ...fits.map(({ view: { typeGain } }) => Math.abs(typeGain!.interceptOverMean.value ?? 0)),
  );
}

const shuffle = (
  design: Design,
  columns: readonly Float32Array[][],
  task: readonly TaskFit[],
  { settings, model, instruments }: FurtherContext,
): Promise<ShuffledFit[]> =>
  shuffledFits(
    design,
    columns,
    task.map(({ fit }) => fit.lambda),
    seededRandom(`shuffled regressors ${settings.seed} ${task[0]!.problem.layer}`),
    model.width,
    instruments,
  );

/** R1: the layer's own heads; R2: these and the movers before. */
function headSigns(fits: readonly ViewFit[], movers: readonly string[], model: ModelFacts): HeadSigns[] {
  const raw = fits.filter(({ scale }) => scale === "raw");
  return raw
    .filter(({ pooling, regressors }) => pooling === "P1" && (regressors === "R1" || regressors === "R2"))
    .flatMap((fit) => {
      const weightIn = (pooling: string, regressor: string) =>
        raw
          .find(
            (other) =>
              other.layer === fit.layer && other.regressors === fit.regressors && other.pooling === pooling,
          )
          ?.weights.find((weight) => weight.regressor === regressor)?.weight ?? null;
      const own = Array.from(
        { length: model.heads },
        (_, h) => `L${lastAttentionBefore(fit.layer, model)}H${h}`,
      );
      const shown = new Set(fit.regressors === "R1" ? own : [...movers, ...own]);
      return fit.weights
        .filter(({ regressor }) => shown.has(regressor))
        .map(({ regressor: head, weight: p1 }): HeadSigns => {
          const [p2, p3] = [weightIn("P2", head), weightIn("P3", head)];
          const agreeing =
            p1 === null || p1 === 0
              ? null
              : [p1, p2, p3].filter((weight) => weight !== null && Math.sign(weight) === Math.sign(p1))
                  .length;
          return {
            layer: fit.layer,
            regressors: fit.regressors as "R1" | "R2",
            head,
            ...{ p1, p2, p3, agreeing },
            holds: agreeing !== null && agreeing >= 2,
          };
        });
    });
}

/** Weights of the large regressor sets with their errors, `[layer, regressor]`. */
function weightArrays(fits: readonly ViewFit[]): LabeledArray[] {
  const groups = new Map<string, ViewFit[]>();
  for (const fit of fits) {
    if (!LARGE.includes(fit.regressors)) continue;
    const key = `${fit.regressors}.${fit.pooling}.${fit.scale}`;
    groups.set(key, [...(groups.get(key) ?? []), fit]);
  }
  return [...groups].flatMap(([key, own]) => {
    const regressors = own.at(-1)!.weights.map(({ regressor }) => regressor);
    const array = (name: string, pick: "weight" | "standardError"): LabeledArray => ({
      name: `decomposition-views.${key}.${name}`,
      unit: "weight",
      axes: [
        { dim: "layer", labels: own.map(({ layer }) => String(layer)) },
        { dim: "regressor", labels: regressors },
      ],
      values: Float32Array.from(
        own.flatMap(({ weights }) => regressors.map((_, k) => weights[k]?.[pick] ?? Number.NaN)),
      ),
    });
    return [array("weight", "weight"), array("standard-error", "standardError")];
  });
}
