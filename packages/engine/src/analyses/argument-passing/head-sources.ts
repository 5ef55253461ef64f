import type { ModelFacts } from "../../architectures/architecture.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { dot } from "../../math/vectors.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import { SOURCE_GROUPS } from "../../results/source-attribution.ts";
import type { AnalysisContext } from "../analysis.ts";
import type { Instruments } from "../instruments.ts";
import { quadraticForm } from "./quadratic-form.ts";

/** Subject's first token, answer, answer over the other candidates, all candidates. */
export const TARGETS = 4;

/** One head on one prompt. Targets in the order of TARGETS, groups in that of SOURCE_GROUPS; NaN where a target does not exist. */
export interface HeadReading {
  label: string;
  /** Attention of the last position, `[group]`. */
  attention: Float64Array;
  /** sum over the group's positions of |attention v W_O|. */
  written: Float64Array;
  /** Direct logit attribution of what comes from the group's positions, `[target][group]`, logits. */
  sources: Float64Array[];
  /** The same of the head's whole output, taken from the output itself, `[target]`. */
  totals: Float64Array;
  /** sum over positions of |attribution|, `[target]`. */
  magnitudes: Float64Array;
  /** <a, u_s> against the unembedding as stored, and with the final norm's gain folded in and the vocabulary's mean taken away. */
  writes: { raw: number; folded: number };
}

/** Directions of one fact: rows subject, answer, mean candidate, and (outputs only) the subject's stored unembedding. */
interface FactDirections {
  /** `[4, d_model]` */
  outputs: Float32Array;
  /** Through a layer's W_O: `[3 rows][head * d_head]`. */
  values: (layer: number) => Float32Array[];
  subjectIsAnswer: boolean;
}

/** Directions of some facts, taken through W_O of every layer once. */
export async function attributionDirections(
  facts: readonly { subjectToken: number; answerToken: number }[],
  candidates: readonly number[],
  { layers, heads, headWidth, width }: ModelFacts,
  instruments: Instruments,
): Promise<{ of: (fact: number) => FactDirections }> {
  const own = await instruments.directions(
    facts.flatMap(({ subjectToken, answerToken }) => [subjectToken, answerToken]),
  );
  const mean = meanRow(await instruments.directions(candidates), width);
  const subjects = await instruments.unembedding(facts.map(({ subjectToken }) => subjectToken));
  const rows = new Float32Array(own.length + width);
  rows.set(own);
  rows.set(mean, own.length);
  const through: Float32Array[] = [];
  for (let layer = 0; layer < layers; layer++) through.push(await instruments.valueDirections(layer, rows));
  const size = heads * headWidth;
  const row = (data: Float32Array, i: number, of: number) => data.subarray(i * of, (i + 1) * of);
  return {
    of: (fact) => ({
      outputs: Float32Array.from([
        ...row(own, 2 * fact, width),
        ...row(own, 2 * fact + 1, width),
        ...mean,
        ...row(subjects, fact, width),
      ]),
      values: (layer) => [2 * fact, 2 * fact + 1, 2 * facts.length].map((i) => row(through[layer]!, i, size)),
      subjectIsAnswer: facts[fact]!.subjectToken === facts[fact]!.answerToken,
    }),
  };
}

/** Every head of one prompt, layer-major; needs the last rows of pattern and result, all values, the final residual, and ln1_post.hook_scale where there is one. */
export async function readHeads(
  { captures }: PassResult,
  groups: readonly number[],
  directions: FactDirections,
  { model, candidates, instruments }: Pick<AnalysisContext, "model" | "candidates" | "instruments">,
): Promise<HeadReading[]> {
  const { layers, heads, kvHeads, headWidth, width } = model;
  const sigma = instruments.scales(captures.get(hookName("hook_resid_post", layers - 1))!)[0]!;
  const targets = targetsOf(directions.subjectIsAnswer, candidates.length);
  const out: HeadReading[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const pattern = captures.get(hookName("attn.hook_pattern", layer))!;
    const values = captures.get(hookName("attn.hook_v", layer))!;
    const forms = await instruments.outputForms(layer);
    const through = directions.values(layer);
    const result = captures.get(hookName("attn.hook_result", layer))!;
    const outputs = await instruments.product(result, directions.outputs, width);
    const postScale = headOutputScale(captures, layer, model);
    for (let head = 0; head < heads; head++) {
      const kv = Math.floor(head / (heads / kvHeads));
      const form = forms.subarray(head * headWidth ** 2, (head + 1) * headWidth ** 2);
      const seen = through.map((row) => row.subarray(head * headWidth, (head + 1) * headWidth));
      const reading: HeadReading = {
        label: `L${layer}H${head}`,
        attention: new Float64Array(SOURCE_GROUPS.length),
        written: new Float64Array(SOURCE_GROUPS.length),
        sources: Array.from({ length: TARGETS }, () => new Float64Array(SOURCE_GROUPS.length)),
        totals: targets([0, 1, 2].map((i) => outputs[head * 4 + i]! / sigma)),
        magnitudes: new Float64Array(TARGETS),
        writes: { raw: outputs[head * 4 + 3]!, folded: outputs[head * 4]! },
      };
      for (const [position, group] of groups.entries()) {
        const weight = pattern[head * groups.length + position]!;
        const start = (position * kvHeads + kv) * headWidth;
        const value = values.subarray(start, start + headWidth);
        reading.attention[group]! += weight;
        reading.written[group]! += (weight * Math.sqrt(quadraticForm(form, value))) / postScale;
        const parts = targets(
          seen.map((direction) => (weight * dot(value, direction)) / (sigma * postScale)),
        );
        for (let t = 0; t < TARGETS; t++) {
          reading.sources[t]![group]! += parts[t]!;
          reading.magnitudes[t]! += Math.abs(parts[t]!);
        }
      }
      out.push(reading);
    }
  }
  return out;
}

/** By what a norm on the attention's output divides what its heads write; 1 without such a norm. */
const headOutputScale = (
  captures: PassResult["captures"],
  layer: number,
  { postNorm }: Pick<ModelFacts, "postNorm">,
): number => (postNorm === "output" ? captures.get(hookName("ln1_post.hook_scale", layer))![0]! : 1);

/** From attributions to subject, answer and mean candidate, to those to all targets. */
const targetsOf =
  (subjectIsAnswer: boolean, candidates: number) =>
  ([subject, answer, candidate]: readonly number[]): Float64Array =>
    Float64Array.of(
      subjectIsAnswer ? Number.NaN : subject!,
      answer!,
      // answer - mean of the others = (answer - mean of all) C / (C - 1)
      candidates > 1 ? ((answer! - candidate!) * candidates) / (candidates - 1) : Number.NaN,
      candidate!,
    );

function meanRow(rows: Float32Array, width: number): Float32Array {
  const n = rows.length / width;
  return Float32Array.from({ length: width }, (_, d) => {
    let total = 0;
    for (let row = 0; row < n; row++) total += rows[row * width + d]!;
    return total / n;
  });
}
