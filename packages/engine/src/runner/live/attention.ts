import { quadraticForm } from "../../analyses/argument-passing/quadratic-form.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { execute } from "../../planner/execute.ts";
import type { LiveAttention } from "../../results/live.ts";
import type { OpenModel } from "../open-model.ts";
import { type PromptInput, promptTokens } from "../sweep-input.ts";
import { checkHead } from "./check-head.ts";
import { shown } from "./pair.ts";

export interface AttentionAsk {
  prompt: PromptInput;
  layer: number;
  head: number;
}

/** Where a head looks from every position of a prompt, and how much there is to be read. @throws EngineError BAD_INPUT */
export async function liveAttention(
  model: OpenModel,
  { prompt, layer, head }: AttentionAsk,
  signal?: AbortSignal,
): Promise<LiveAttention> {
  const { session, tokenizer, instruments } = model;
  const { heads, kvHeads, headWidth } = session.spec.facts;
  checkHead({ layer, head }, session.spec.facts);
  const tokens = promptTokens(prompt, tokenizer);
  const [patternHook, valueHook] = [hookName("attn.hook_pattern", layer), hookName("attn.hook_v", layer)];
  const capture = [patternHook, valueHook].map((hook) => ({ hook, positions: "all" as const }));
  const [result] = await execute(session, [{ tokens, capture }], { ...(signal && { signal }) });
  const length = tokens.length;
  const size = length ** 2;
  const pattern = result!.captures.get(patternHook)!.slice(head * size, (head + 1) * size);
  const values = result!.captures.get(valueHook)!;
  const forms = await instruments.outputForms(layer);
  const form = forms.subarray(head * headWidth ** 2, (head + 1) * headWidth ** 2);
  const kv = Math.floor(head / (heads / kvHeads));
  const valueNorms = Float32Array.from({ length }, (_, position) => {
    const start = (position * kvHeads + kv) * headWidth;
    return Math.sqrt(quadraticForm(form, values.subarray(start, start + headWidth)));
  });
  return {
    tokens: tokens.map((id) => shown(id, tokenizer)),
    layer,
    head,
    pattern,
    valueNorms,
    valueWeighted: weighted(pattern, valueNorms),
  };
}

function weighted(pattern: Float32Array, norms: Float32Array): Float32Array {
  const length = norms.length;
  const out = new Float32Array(pattern.length);
  for (let row = 0; row < length; row++) {
    let total = 0;
    for (let j = 0; j < length; j++) total += pattern[row * length + j]! * norms[j]!;
    for (let j = 0; j < length; j++) {
      const at = row * length + j;
      out[at] = total > 0 ? (pattern[at]! * norms[j]!) / total : Number.NaN;
    }
  }
  return out;
}
