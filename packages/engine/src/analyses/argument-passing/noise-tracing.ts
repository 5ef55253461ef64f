import { noiseFigures } from "../../figures/argument-passing.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import type { Edit, ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { PatchedPoint } from "../../results/activation-patching.ts";
import type { NoiseTracingReport } from "../../results/noise-tracing.ts";
import { type Role, rolePositions } from "../../tasks/counterfactuals/counterfactual.ts";
import { NOISE_DRAWS, NOISE_SCALE, noiseDraws } from "../../tasks/counterfactuals/noise.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { type Quotients, RatioTest } from "./activation-patching-effects.ts";
import { finalState } from "./activation-patching-metrics.ts";
import { inOrder } from "./activation-patching-pairs.ts";

const POINTS: readonly PatchedPoint[] = ["hook_resid_pre", "hook_attn_out", "hook_mlp_out"];
const POSITIONS: readonly Role[] = ["subjLast", "last"];
/** Meng et al. restore 10 of GPT-2 XL's 48 layers together: single layers of attention or MLP show next to nothing. */
const WINDOW_SHARE = 10 / 48;

interface Place {
  point: PatchedPoint;
  position: Role;
  layer: number;
}
interface Reading {
  probability: number;
  centred: number;
}
/** One prompt; noised and restored are means over draws. */
interface Traced {
  clean: Reading;
  noised: Reading;
  restored: Reading[];
}

/**
 * Causal tracing of Meng et al. 2022: noise N(0, (3 sigma)^2) on the subject's embeddings, sigma the standard deviation of the token
 * embedding matrix, 10 draws; then one state, or a window of attention or MLP outputs, gets its clean value back.
 */
export const noiseTracing = defineFurther<NoiseTracingReport>({
  id: "noise-tracing",
  title: "Causal tracing with noise",
  mechanism: "argument passing",
  summary: "Which states bring the answer back when the subject's embeddings are noise.",
  corruption: "NOISE",
  standard: false,
  figures: noiseFigures,

  async run(context) {
    const { model, instruments, settings } = context;
    const noise = NOISE_SCALE * (await instruments.embeddingDeviation());
    const window = Math.max(1, Math.round(model.layers * WINDOW_SHARE));
    const places = POINTS.flatMap((point) =>
      POSITIONS.flatMap((position) =>
        Array.from({ length: model.layers }, (_, layer): Place => ({ point, position, layer })),
      ),
    );
    const facts = inOrder(context);
    const traced: Traced[][] = [];
    for (const { prompts } of facts) {
      const own: Traced[] = [];
      for (const prompt of prompts) own.push(await trace(prompt, places, noise, window, context));
      traced.push(own);
      context.progress(traced.length, facts.length);
    }
    return {
      corruption: "NOISE",
      noise,
      draws: NOISE_DRAWS,
      window,
      promptsPerFact: settings.sweepPrompts,
      ...aggregate(traced, places, context),
    };
  },
});

async function trace(
  prompt: PreparedPrompt,
  places: readonly Place[],
  noise: number,
  window: number,
  context: FurtherContext,
): Promise<Traced> {
  const { model, settings, execute } = context;
  const { tokens } = prompt;
  const capture = [finalState(model)];
  const plan: ForwardPass[] = [{ tokens, capture }];
  for (const edits of noiseDraws(prompt, model.width, noise, settings.seed)) {
    plan.push({ tokens, capture, edits });
    for (const place of places)
      plan.push({ tokens, capture, edits: [...edits, ...restore(place, prompt, window, model.layers)] });
  }
  const [clean, ...rest] = await read(await execute(plan), prompt.answerToken, context);
  const perDraw = places.length + 1;
  const meanOfDraws = (offset: number): Reading => {
    const draws = Array.from({ length: NOISE_DRAWS }, (_, draw) => rest[draw * perDraw + offset]!);
    const mean = (key: keyof Reading) => draws.reduce((sum, own) => sum + own[key], 0) / NOISE_DRAWS;
    return { probability: mean("probability"), centred: mean("centred") };
  };
  return { clean: clean!, noised: meanOfDraws(0), restored: places.map((_, i) => meanOfDraws(i + 1)) };
}

/** Clean values at a place; they come after the noise, so that the first block's input loses it again. */
function restore(
  { point, position, layer }: Place,
  prompt: PreparedPrompt,
  window: number,
  layers: number,
): Edit[] {
  const at = rolePositions(prompt)[position]!;
  const size = point === "hook_resid_pre" ? 1 : window;
  const first = Math.max(0, layer - Math.floor(size / 2));
  const end = Math.min(layers, layer + Math.ceil(size / 2));
  return Array.from({ length: end - first }, (_, i) => ({
    hook: hookName(point, first + i),
    position: at,
    scale: 0,
    value: { pass: 0 },
  }));
}

async function read(
  results: readonly PassResult[],
  answer: number,
  { instruments, model }: FurtherContext,
): Promise<Reading[]> {
  const rows = new Float32Array(results.length * model.width);
  for (const [i, { captures }] of results.entries())
    rows.set(captures.get(finalState(model).hook)!, i * model.width);
  const targets = results.map(() => [answer]);
  const { logit, logSumExp, mean } = await instruments.read(instruments.normalise(rows), targets, 0);
  return results.map((_, i) => ({
    probability: Math.exp(logit[i]! - logSumExp[i]!),
    centred: logit[i]! - mean[i]!,
  }));
}

function aggregate(
  traced: readonly (readonly Traced[])[],
  places: readonly Place[],
  context: FurtherContext,
): Omit<NoiseTracingReport, "corruption" | "noise" | "draws" | "window" | "promptsPerFact"> {
  const prompts = traced.map((own) => own.length);
  const mean = (of: (prompt: Traced) => number) =>
    context.bootstrap.ratio(
      traced.map((own) => own.reduce((sum, prompt) => sum + of(prompt), 0)),
      prompts,
    );
  const test = new RatioTest(context);
  const differ = "clean and noised runs differ by";
  const effects = places.map((place, i) => {
    const quotients: Quotients = traced.map((own) =>
      own.map(({ clean, noised, restored }) => ({
        change: restored[i]!.centred - noised.centred,
        total: clean.centred - noised.centred,
      })),
    );
    return {
      ...place,
      indirectEffect: mean(({ restored, noised }) => restored[i]!.probability - noised.probability),
      restored: test.estimate(quotients, differ),
      pValue: test.pValue(quotients, differ),
    };
  });
  const qValues = falseDiscoveryQ(effects.map(({ pValue }) => pValue));
  return {
    cleanProbability: mean(({ clean }) => clean.probability),
    noisedProbability: mean(({ noised }) => noised.probability),
    cleanCentredLogit: mean(({ clean }) => clean.centred),
    noisedCentredLogit: mean(({ noised }) => noised.centred),
    places: effects.map((own, i) => ({ ...own, qValue: qValues[i] ?? null })),
  };
}
