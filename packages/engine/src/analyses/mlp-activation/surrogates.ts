import { surrogateFigures } from "../../figures/mlp-and-function.ts";
import { type HookName, hookName } from "../../hooks/hook-points.ts";
import { seededRandom } from "../../math/random.ts";
import { mean, standardDeviation } from "../../math/statistics.ts";
import { norm as normOf } from "../../math/vectors.ts";
import type { ForwardPass } from "../../planner/forward-pass.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type {
  Metric,
  RandomControl,
  SurrogateFit,
  SurrogateLayer,
  SurrogatesReport,
} from "../../results/surrogates.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { finalReader, metricsOf } from "./candidate-metrics.ts";
import { focusLayers } from "./focus-layers.ts";
import { randomLike } from "./random-vectors.ts";
import { ONE_CANDIDATE } from "./readouts.ts";
import { type FittedLayer, type FittedPrompt, fittedLayers } from "./surrogate-inputs.ts";
import { weightCheck } from "./weight-check.ts";

const DRAWS = 20;
const MIN_DENOMINATOR = 0.1;
const PASSES_PER_STEP = 512;

/** [centred, candidate] of one pass. */
type Values = [number, number];
/** Per fact and prompt. */
type Measured = Values[][];

/**
 * Causal validation of the decomposition m = Xw + b + e at the last position of one layer (weights of the run's own fits): the MLP's output is
 * replaced by parts of the fit (surrogates) or loses the intercept (removal), beside the mean output, zero and random vectors; and the derivative
 * of the MLP along each head's output is compared with its weight.
 */
export const surrogates = defineFurther<SurrogatesReport>({
  id: "surrogates",
  title: "Causal checks of the MLP decomposition",
  mechanism: "MLP activation",
  summary:
    "What the model does when an MLP's output is replaced by parts of its decomposition, or loses its intercept.",
  standard: false,
  figures: surrogateFigures,

  async run(context) {
    const { measured, report, settings } = context;
    const layers = focusLayers(report, context.model);
    const out: SurrogatesReport = {
      prompts: measured.reduce((sum, { prompts }) => sum + prompts.length, 0),
      facts: measured.length,
      layers: [],
      sweepPrompts: settings.sweepPrompts,
      ...(layers.length === 0 && { reason: "the run has neither a headline layer nor a measured head" }),
    };
    for (const [i, { layer, chosen }] of layers.entries()) {
      const fitted = await fittedLayers(layer, context);
      context.progress(3 * i + 1, 3 * layers.length);
      out.layers.push(await surrogateLayer(fitted, chosen, context));
      context.progress(3 * i + 3, 3 * layers.length);
    }
    return out;
  },
});

async function surrogateLayer(
  fitted: FittedLayer,
  chosen: SurrogateLayer["chosen"],
  context: FurtherContext,
): Promise<SurrogateLayer> {
  const { layer, facts, fits } = fitted;
  const variants = new Map<string, Variant>([
    ["clean", () => null],
    ["mean", () => ({ scale: 0, value: fitted.mean })],
    ["zero", () => ({ scale: 0 })],
    ["mean removed", () => ({ scale: 1, value: negative(fitted.mean) })],
  ]);
  for (const [f, { intercept }] of fits.entries()) {
    variants
      .set(`XW_B_E ${f}`, (prompt) =>
        replacement(prompt.explained[f]!, intercept, residual(prompt, f, intercept)),
      )
      .set(`XW_B ${f}`, (prompt) => replacement(prompt.explained[f]!, intercept))
      .set(`XW ${f}`, (prompt) => replacement(prompt.explained[f]!))
      .set(`B ${f}`, () => replacement(intercept))
      .set(`removed ${f}`, () => ({ scale: 1, value: negative(intercept) }));
    for (const [draw, vector] of randomVectors(fitted, f, context.settings.seed).entries())
      variants.set(`random ${f} ${draw}`, (_, place) =>
        place < context.settings.sweepPrompts ? { scale: 1, value: negative(vector) } : "skip",
      );
  }
  const measured = await measure(fitted, variants, context);
  const of = (key: string): Measured => measured.get(key)!;
  const [clean, ofMean] = [of("clean"), of("mean")];
  return {
    layer,
    chosen,
    clean: metric(clean, context),
    fits: fits.map(({ regressors }, f): SurrogateFit => {
      const replaced = {
        ...{ XW_B: of(`XW_B ${f}`), XW: of(`XW ${f}`), B: of(`B ${f}`), XW_B_E: of(`XW_B_E ${f}`) },
        ...{ MEAN: ofMean, ZERO: of("zero") },
      };
      const drops = minus(clean, of(`removed ${f}`));
      const random = [...measured].flatMap(([key, values]) =>
        key.startsWith(`random ${f} `) ? [values] : [],
      );
      return {
        regressors,
        surrogates: Object.entries(replaced).map(([surrogate, values]) => ({
          surrogate: surrogate as keyof typeof replaced,
          metric: metric(values, context),
          faithfulness: faithfulness(values, clean, ofMean, context),
        })),
        removals: [
          { removed: "INTERCEPT", drop: metric(drops, context) },
          { removed: "MEAN", drop: metric(minus(clean, of("mean removed")), context) },
        ],
        random: randomControl(drops, clean, random, context.settings.sweepPrompts),
      };
    }),
    exactError: Math.max(
      0,
      ...fits.flatMap((_, f) =>
        minus(clean, of(`XW_B_E ${f}`))
          .flat()
          .map(([centred]) => Math.abs(centred)),
      ),
    ),
    weightCheck: await weightCheck(fitted, facts, context),
  };
}

/** How the MLP's output at the last position is changed; null leaves it, `skip` leaves the pass out. */
type Variant = (
  prompt: FittedPrompt,
  place: number,
) => { scale: number; value?: Float32Array } | null | "skip";

/** Metrics of every prompt under every variant. All variants of a prompt go through the model together, so that they share what they can. */
async function measure(
  { layer, facts }: FittedLayer,
  variants: ReadonlyMap<string, Variant>,
  context: FurtherContext,
): Promise<Map<string, Measured>> {
  const reader = await finalReader(context.candidates, context);
  const hook: HookName = hookName("hook_mlp_out", layer);
  const capture = [{ hook: reader.hook, positions: "last" as const }];
  const out = new Map([...variants.keys()].map((key): [string, Measured] => [key, facts.map(() => [])]));
  const perStep = Math.max(1, Math.floor(PASSES_PER_STEP / variants.size));
  const prompts = facts.flatMap((own, fact) => own.map((prompt, place) => ({ prompt, place, fact })));
  for (let at = 0; at < prompts.length; at += perStep) {
    const cells = prompts.slice(at, at + perStep).flatMap(({ prompt, place, fact }) =>
      [...variants].flatMap(([key, variant]) => {
        const change = variant(prompt, place);
        if (change === "skip") return [];
        const edits = change ? [{ hook, position: -1, ...change }] : [];
        const pass: ForwardPass = { tokens: prompt.tokens, capture, edits };
        return [{ key, fact, answer: prompt.answer, pass }];
      }),
    );
    const read = await reader.read(await context.execute(cells.map(({ pass }) => pass)));
    for (const [i, { key, fact, answer }] of cells.entries())
      out.get(key)![fact]!.push(metricsOf(read[i]!, answer));
  }
  return out;
}

function randomVectors(fitted: FittedLayer, f: number, seed: number): Float64Array[] {
  const { layer, facts, mean: average, fits } = fitted;
  const { regressors, intercept } = fits[f]!;
  const random = seededRandom(`surrogates ${seed} ${layer} ${regressors}`);
  const rows = facts.flat().map(({ output }) => output);
  const draws = Array.from({ length: DRAWS }, () => randomLike(rows, average, normOf(intercept), random));
  return draws.filter((vector) => normOf(vector) > 0);
}

/** The intercept's removal against removals of random vectors, over each fact's first prompts. */
function randomControl(
  drops: Measured,
  clean: Measured,
  random: readonly Measured[],
  sweepPrompts: number,
): SurrogateFit["random"] {
  const first = (values: Measured) => values.map((own) => own.slice(0, sweepPrompts));
  const own = meanValues(first(drops));
  const draws = random.map((removed) => meanValues(minus(first(clean), removed)));
  const control = (which: 0 | 1): RandomControl => {
    const [value, others] = [own[which], draws.map((values) => values[which])];
    const none = { draws: others.length, intercept: null, mean: null, sd: null, z: null };
    if (Number.isNaN(value)) return { ...none, reason: ONE_CANDIDATE };
    const sd = standardDeviation(others);
    if (sd === null)
      return { ...none, intercept: value, reason: "the MLP's output does not vary over the prompts" };
    const found = { ...none, intercept: value, mean: mean(others), sd };
    // Below that the passes themselves differ by rounding.
    if (sd < 1e-6) return { ...found, reason: "random vectors change nothing" };
    return { ...found, z: (value - found.mean) / sd };
  };
  return { centred: control(0), candidate: control(1) };
}

const meanValues = (values: Measured): Values => [
  mean(values.flat().map(([centred]) => centred)),
  mean(values.flat().map(([, candidate]) => candidate)),
];

const minus = (a: Measured, b: Measured): Measured =>
  a.map((own, i) => own.map(([x, y], n) => [x - b[i]![n]![0], y - b[i]![n]![1]]));

const metric = (values: Measured, context: FurtherContext): Metric => ({
  centred: meanOverPrompts(
    values.map((own) => own.map(([centred]) => centred)),
    context,
  ),
  candidate: meanOverPrompts(
    values.map((own) => own.map(([, candidate]) => candidate)),
    context,
    ONE_CANDIDATE,
  ),
});

function faithfulness(
  values: Measured,
  clean: Measured,
  ofMean: Measured,
  { bootstrap }: FurtherContext,
): Metric {
  const [gained, lost] = [minus(values, ofMean), minus(clean, ofMean)];
  const ratio = (which: 0 | 1): Estimate => {
    const total = meanValues(lost)[which];
    if (Number.isNaN(total)) return notObserved(ONE_CANDIDATE);
    if (Math.abs(total) <= MIN_DENOMINATOR)
      return notObserved(`the MLP and its mean differ by ${total.toPrecision(2)} logits only`);
    const sums = (all: Measured) => all.map((own) => own.reduce((sum, value) => sum + value[which], 0));
    return bootstrap.ratio(sums(gained), sums(lost));
  };
  return { centred: ratio(0), candidate: ratio(1) };
}

const negative = (vector: ArrayLike<number>): Float32Array => Float32Array.from(vector, (value) => -value);

const residual = ({ output, explained }: FittedPrompt, f: number, intercept: Float64Array): Float64Array =>
  intercept.map((b, d) => output[d]! - explained[f]![d]! - b);

const replacement = (...vectors: readonly ArrayLike<number>[]) => ({
  scale: 0,
  value: Float32Array.from(vectors[0]!, (_, d) => vectors.reduce((total, vector) => total + vector[d]!, 0)),
});
