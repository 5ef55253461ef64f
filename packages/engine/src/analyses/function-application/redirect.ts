import { redirectFigures } from "../../figures/mlp-and-function.ts";
import { absence, hookName } from "../../hooks/hook-points.ts";
import { inGroups } from "../../math/in-groups.ts";
import { centreRows, cosine, dot, norm } from "../../math/vectors.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import { notObserved } from "../../results/estimate.ts";
import type { LayerRedirect, RedirectReport } from "../../results/redirect.ts";
import type { FactPrompts } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";

/** Numbers of one prompt and layer; NaN = undefined there. */
type Numbers = Record<Exclude<keyof LayerRedirect, "layer">, number>;

const FACTS_PER_STEP = 4;
const POINTS = ["hook_resid_mid", "hook_mlp_out", "hook_resid_post"] as const;
const SILENT = "the MLP writes nothing";

/**
 * Redirection by each MLP at the last position: where its output points in terms of answer and candidates, and how the lens's logits of answer
 * and subject change across it (in a parallel block, from the state without it).
 */
export const redirect = defineFurther<RedirectReport>({
  id: "redirect",
  title: "Redirection by MLPs",
  mechanism: "function application",
  summary:
    "Where each MLP turns the residual stream: towards the answer, any candidate, or away from the subject.",
  standard: true,
  figures: redirectFigures,

  async run(context) {
    const { measured, model, candidates, instruments, progress } = context;
    const centred = model.norm.kind === "layernorm";
    const directions = await instruments.directions(candidates);
    const numbers: Numbers[][][] = [];
    for (const group of inGroups(measured, FACTS_PER_STEP)) {
      const prompts = group.flatMap((fact) => fact.prompts);
      const results = await context.execute(
        prompts.map(({ tokens }) => ({
          tokens,
          capture: Array.from({ length: model.layers }, (_, layer) =>
            POINTS.filter((point) => absence(point, model) === null).map((point) => ({
              hook: hookName(point, layer),
              positions: "last" as const,
            })),
          ).flat(),
        })),
      );
      for (const fact of group) {
        const own = fact.prompts.map((prompt) => results[prompts.indexOf(prompt)]!);
        numbers.push(await measureFact(fact, own, directions, context));
      }
      progress(numbers.length, measured.length);
    }
    return {
      prompts: numbers.flat().length,
      centred,
      layers: Array.from({ length: model.layers }, (_, layer) => layerReport(layer, numbers, context)),
    };
  },
});

/** @returns `[prompt][layer]` */
async function measureFact(
  { index, prompts }: FactPrompts,
  results: readonly PassResult[],
  directions: Float32Array,
  { model, facts, candidates, instruments }: FurtherContext,
): Promise<Numbers[][]> {
  const { width, layers } = model;
  const { answerToken, subjectToken } = facts[index]!;
  const subjectDirection = await instruments.directions([subjectToken]);
  const at = candidates.indexOf(answerToken) * width;
  const answerDirection = directions.subarray(at, at + width);
  const common = new Float64Array(width);
  for (let i = 0; i < directions.length; i++) common[i % width]! += directions[i]! / candidates.length;
  const ownDirection = Float64Array.from(answerDirection, (value, d) => value - common[d]!);
  const out: Numbers[][] = [];
  for (const { captures } of results.slice(0, prompts.length)) {
    const get = (point: (typeof POINTS)[number], layer: number): Float32Array => {
      const captured = captures.get(hookName(point, layer));
      if (captured) return captured;
      // A parallel block: the state to which its MLP is added last.
      const out = get("hook_mlp_out", layer);
      return get("hook_resid_post", layer).map((value, d) => value - out[d]!);
    };
    const rows = new Float32Array(2 * layers * width);
    for (let layer = 0; layer < layers; layer++) {
      rows.set(get("hook_resid_mid", layer), 2 * layer * width);
      rows.set(get("hook_resid_post", layer), (2 * layer + 1) * width);
    }
    const targets = Array.from({ length: 2 * layers }, () => [answerToken, subjectToken]);
    const read = await instruments.read(instruments.normalise(rows), targets, 1);
    const sigma = instruments.scales(get("hook_resid_post", layers - 1))[0]!;
    out.push(
      Array.from({ length: layers }, (_, layer): Numbers => {
        const change = (token: 0 | 1) => read.logit[4 * layer + 2 + token]! - read.logit[4 * layer + token]!;
        const meanChange = read.mean[2 * layer + 1]! - read.mean[2 * layer]!;
        const centred = (point: "hook_resid_mid" | "hook_mlp_out") =>
          model.norm.kind === "layernorm" ? centreRows(get(point, layer).slice(), width) : get(point, layer);
        const m = centred("hook_mlp_out");
        const mid = norm(centred("hook_resid_mid"));
        return {
          answerCosine: cosine(m, answerDirection) ?? Number.NaN,
          answerAmongCandidatesCosine: cosine(m, ownDirection) ?? Number.NaN,
          candidatesCosine: cosine(m, common) ?? Number.NaN,
          answerChange: change(0) - meanChange,
          subjectChange: change(1) - meanChange,
          eraseIndex: meanChange - change(1),
          answerLogitChange: change(0),
          subjectLogitChange: change(1),
          answerDirect: dot(m, answerDirection) / sigma,
          subjectDirect: dot(m, subjectDirection) / sigma,
          normRatio: mid > 0 ? norm(m) / mid : Number.NaN,
        };
      }),
    );
  }
  return out;
}

function layerReport(layer: number, numbers: readonly Numbers[][][], context: FurtherContext): LayerRedirect {
  const of = (key: keyof Numbers, unavailable = "no known fact") =>
    meanOverPrompts(
      numbers.map((own) => own.map((prompt) => prompt[layer]![key])),
      context,
      unavailable,
    );
  const several = context.candidates.length > 1;
  return {
    layer,
    answerCosine: of("answerCosine", SILENT),
    answerAmongCandidatesCosine: several
      ? of("answerAmongCandidatesCosine", SILENT)
      : notObserved("the task has one candidate only"),
    candidatesCosine: of("candidatesCosine", SILENT),
    answerChange: of("answerChange"),
    subjectChange: of("subjectChange"),
    eraseIndex: of("eraseIndex"),
    answerLogitChange: of("answerLogitChange"),
    subjectLogitChange: of("subjectLogitChange"),
    answerDirect: of("answerDirect"),
    subjectDirect: of("subjectDirect"),
    normRatio: of("normRatio", "the residual stream is zero"),
  };
}
