import type { Instruments } from "../analyses/instruments.ts";
import { readTensor } from "../checkpoints/read-tensor.ts";
import { type HookName, hookName } from "../hooks/hook-points.ts";
import { seededRandom } from "../math/random.ts";
import { execute } from "../planner/execute.ts";
import type { SelfCheck } from "../results/receipt.ts";
import { computeDtypeOf, type Precision } from "../session/device.ts";
import type { ModelSession } from "../session/model-session.ts";
import { relativeError } from "./relative-error.ts";
import { streamError, streamHooks } from "./stream-check.ts";

const TOLERANCE = 1e-4;
/** Heads one by one and all at once are rounded to float16 at other places: up to 4e-3 on the models of the tests. */
const HALF_HEAD_SUM = 2e-2;
const LENGTH = 8;

/** Below which the error of an identity must be, by its name in the check. Only sums of heads come from products that are rounded apart. */
export const selfCheckLimit = (name: string, precision: Precision): number =>
  precision === "F16" && name === "headSum" ? HALF_HEAD_SUM : TOLERANCE;

/**
 * Identities that hold in every transformer, on one short prompt of random tokens: final residual = embeddings + all attention and MLP outputs (where norms
 * stand on the stream: each state = the norm of the one before and what was added); sum of heads + b_O = attention output; pattern @ v = z; the norm and unembedding that analyses use = the model's logits. Each is the largest
 * absolute error divided by the largest value.
 */
export async function selfCheck(session: ModelSession, instruments: Instruments): Promise<SelfCheck> {
  const { facts } = session.spec;
  const { layers, heads, kvHeads, headWidth, width, vocabulary, positions, learnedPositions } = facts;
  const random = seededRandom("self-check");
  const length = Math.min(LENGTH, positions);
  const tokens = Array.from({ length }, () => Math.floor(random() * vocabulary));
  const points = [
    "attn.hook_pattern",
    "attn.hook_v",
    "attn.hook_z",
    "attn.hook_result",
    "hook_attn_out",
    "hook_mlp_out",
  ] as const;
  const hooks: HookName[] = ["hook_embed", ...(learnedPositions ? (["hook_pos_embed"] as const) : [])];
  for (let layer = 0; layer < layers; layer++) hooks.push(...points.map((point) => hookName(point, layer)));
  hooks.push(hookName("hook_resid_post", layers - 1));
  if (facts.postNorm === "stream") hooks.push(...streamHooks(layers));
  const [result] = await execute(session, [
    { tokens, capture: hooks.map((hook) => ({ hook, positions: "all" })), logits: "last" },
  ]);
  const get = (hook: HookName) => result!.captures.get(hook)!;

  const sum = Float64Array.from(get("hook_embed"));
  const add = (values: Float32Array) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
  };
  if (learnedPositions) add(get("hook_pos_embed"));
  let [headSum, patternValue] = [0, 0];
  for (let layer = 0; layer < layers; layer++) {
    const attention = get(hookName("hook_attn_out", layer));
    add(attention);
    add(get(hookName("hook_mlp_out", layer)));
    const heads_ = get(hookName("attn.hook_result", layer));
    const { out } = session.spec.block(layer);
    const bias = out.bias ? await readTensor(session.tensor(out.bias)) : null;
    const summed = attention.map((_, i) => {
      const [row, d] = [Math.floor(i / width), i % width];
      let total = bias ? bias[d]! : 0;
      for (let head = 0; head < heads; head++) total += heads_[(row * heads + head) * width + d]!;
      return total;
    });
    headSum = Math.max(headSum, relativeError(summed, attention));
    const z = get(hookName("attn.hook_z", layer));
    const [pattern, v] = [get(hookName("attn.hook_pattern", layer)), get(hookName("attn.hook_v", layer))];
    const again = z.map((_, i) => {
      const [row, head, d] = [
        Math.floor(i / (heads * headWidth)),
        Math.floor(i / headWidth) % heads,
        i % headWidth,
      ];
      const kv = Math.floor(head / (heads / kvHeads));
      let total = 0;
      for (let key = 0; key < length; key++)
        total += pattern[(head * length + row) * length + key]! * v[(key * kvHeads + kv) * headWidth + d]!;
      return total;
    });
    patternValue = Math.max(patternValue, relativeError(again, z));
  }
  const final = get(hookName("hook_resid_post", layers - 1));
  const all = Array.from({ length: Math.min(vocabulary, 1000) }, (_, i) =>
    Math.floor((i * vocabulary) / Math.min(vocabulary, 1000)),
  );
  const lens = await instruments.read(instruments.normalise(final.slice(-width)), [all], 1);
  const check = {
    residualSum: facts.postNorm === "stream" ? await streamError(session, get) : relativeError(sum, final),
    headSum,
    patternValue,
    lensLogits: relativeError(
      lens.logit,
      Float32Array.from(all, (token) => result!.logits![token]!),
    ),
  };
  return {
    ...check,
    device: session.device,
    computeDtype: computeDtypeOf(session.precision),
    passed: Object.entries(check).every(([name, error]) => error < selfCheckLimit(name, session.precision)),
  };
}
