import { hookName } from "../../hooks/hook-points.ts";
import type { Estimate } from "../../results/estimate.ts";
import { defineAnalysis } from "../analysis.ts";
import { meansOverPrompts } from "../per-fact.ts";
import { quadraticForm } from "./quadratic-form.ts";

/** Per prompt, `[layer * heads + head]`. */
interface Measurement {
  attention: Float64Array[];
  /** NaN where the head writes nothing. */
  valueShare: Float64Array[];
  dlaSubject: Float64Array[];
  dlaAnswer: Float64Array[];
}
export interface AttentionReport {
  attentionToSubject: Estimate[];
  valueWeightedShare: Estimate[];
  dlaSubject: Estimate[];
  dlaAnswer: Estimate[];
}

/**
 * Where each head looks from the last position and what it writes: attention on the subject's tokens, their share of
 * |attention x v W_O| (a head can park its attention on a token whose value is nothing), and its direct logit attribution on the subject's
 * first token and on the answer (centred over the vocabulary, frozen final norm).
 */
export const subjectAttention = defineAnalysis<Measurement, AttentionReport>({
  id: "subject-attention",
  title: "Attention to the subject",
  mechanism: "argument passing",
  summary:
    "Attention and value-weighted share of the subject at the last position, and what each head writes of subject and answer.",

  passes: ({ tokens }, { model }) => [
    {
      tokens,
      capture: Array.from({ length: model.layers }, (_, layer) => [
        { hook: hookName("attn.hook_pattern", layer), positions: "last" as const },
        { hook: hookName("attn.hook_v", layer), positions: "all" as const },
        { hook: hookName("attn.hook_result", layer), positions: "last" as const },
      ])
        .flat()
        .concat({ hook: hookName("hook_resid_post", model.layers - 1), positions: "last" }),
    },
  ],

  async measure({ index, prompts }, results, { model, facts, instruments }) {
    const { layers, heads, kvHeads, headWidth, width } = model;
    const count = layers * heads;
    const [subject, answer] = [facts[index]!.subjectToken, facts[index]!.answerToken];
    const directions = await instruments.directions([subject, answer]);
    const out: Measurement = { attention: [], valueShare: [], dlaSubject: [], dlaAnswer: [] };
    for (const [i, { tokens, subjectSpan }] of prompts.entries()) {
      const { captures } = results[i]![0]!;
      const sigma = instruments.scales(captures.get(hookName("hook_resid_post", layers - 1))!)[0]!;
      const [attention, valueShare] = [new Float64Array(count), new Float64Array(count)];
      const [dlaSubject, dlaAnswer] = [new Float64Array(count), new Float64Array(count)];
      for (let layer = 0; layer < layers; layer++) {
        const pattern = captures.get(hookName("attn.hook_pattern", layer))!;
        const values = captures.get(hookName("attn.hook_v", layer))!;
        const forms = await instruments.outputForms(layer);
        const attribution = await instruments.product(
          captures.get(hookName("attn.hook_result", layer))!,
          directions,
          width,
        );
        for (let head = 0; head < heads; head++) {
          const at = layer * heads + head;
          const kv = Math.floor(head / (heads / kvHeads));
          const form = forms.subarray(head * headWidth ** 2, (head + 1) * headWidth ** 2);
          let [inside, weighted, total] = [0, 0, 0];
          for (let position = 0; position < tokens.length; position++) {
            const weight = pattern[head * tokens.length + position]!;
            const start = (position * kvHeads + kv) * headWidth;
            const written =
              weight * Math.sqrt(quadraticForm(form, values.subarray(start, start + headWidth)));
            total += written;
            if (position >= subjectSpan[0] && position < subjectSpan[1]) {
              inside += weight;
              weighted += written;
            }
          }
          attention[at] = inside;
          valueShare[at] = total > 0 ? weighted / total : Number.NaN;
          dlaSubject[at] = attribution[head * 2]! / sigma;
          dlaAnswer[at] = attribution[head * 2 + 1]! / sigma;
        }
      }
      out.attention.push(attention);
      out.valueShare.push(valueShare);
      out.dlaSubject.push(dlaSubject);
      out.dlaAnswer.push(dlaAnswer);
    }
    return out;
  },

  aggregate(measurements, context) {
    const count = context.model.layers * context.model.heads;
    const means = (key: keyof Measurement) =>
      meansOverPrompts(
        measurements.map((m) => m[key]),
        count,
        context,
        key === "valueShare" ? "the head writes nothing" : undefined,
      );
    return {
      attentionToSubject: means("attention"),
      valueWeightedShare: means("valueShare"),
      dlaSubject: means("dlaSubject"),
      dlaAnswer: means("dlaAnswer"),
    };
  },
});
