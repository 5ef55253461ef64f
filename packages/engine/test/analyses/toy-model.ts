import type { ModelFacts } from "../../src/architectures/architecture.ts";
import { type HookName, hookName, parseHookName } from "../../src/hooks/hook-points.ts";
import type { ForwardPass, PassResult } from "../../src/planner/forward-pass.ts";

/** One attention head: where it looks from the last token, and the map of what it reads to what it writes, both over d_model. */
export interface ToyHead {
  /** Feature of the key that gets score ln 27 from a query with the `end` flag; null attends uniformly. */
  key: number | null;
  ov: (x: Float64Array, out: Float64Array) => void;
}
export interface ToyBlock {
  heads: ToyHead[];
  mlp: (x: Float64Array, out: Float64Array) => void;
}

/** A transformer small enough to compute by hand: float64, no norms, no positions, values as wide as the residual stream. */
export interface ToyModel {
  width: number;
  vocabulary: number;
  endFlag: number;
  embed: (token: number) => Float64Array;
  /** `[vocabulary, width]` */
  unembedding: Float64Array;
  blocks: ToyBlock[];
}

export const toyFacts = ({ width, vocabulary, blocks }: ToyModel): ModelFacts => ({
  architecture: "toy",
  layers: blocks.length,
  heads: blocks[0]!.heads.length,
  kvHeads: blocks[0]!.heads.length,
  width,
  headWidth: width,
  mlpWidth: width,
  vocabulary,
  positions: 64,
  norm: { kind: "rms", epsilon: 0 },
  tied: false,
  learnedPositions: false,
  block: "serial",
  postNorm: "none",
  logitCap: null,
});

/** Runs a plan like the engine's: passes may take values from each other. */
export function runToy(model: ToyModel, passes: readonly ForwardPass[]): PassResult[] {
  const values = new Map<number, Map<HookName, Float64Array>>();
  const run = (index: number): Map<HookName, Float64Array> => {
    let all = values.get(index);
    if (!all) {
      all = forward(model, passes[index]!, run);
      values.set(index, all);
    }
    return all;
  };
  return passes.map((pass, index) => {
    const all = run(index);
    const captures = new Map<HookName, Float32Array>();
    for (const { hook, positions } of pass.capture ?? []) {
      captures.set(
        hook,
        Float32Array.from(positions === "all" ? all.get(hook)! : last(model, pass, hook, all)),
      );
    }
    const queried =
      pass.query && Float32Array.from(pass.query.tokens, (token) => lastLogit(model, pass, token, all));
    return { captures, ...(queried && { queried }) };
  });
}

function last(model: ToyModel, { tokens }: ForwardPass, hook: HookName, all: Map<HookName, Float64Array>) {
  const value = all.get(hook)!;
  const length = tokens.length;
  if (parseHookName(hook).point !== "attn.hook_pattern")
    return value.slice(value.length - value.length / length);
  const heads = model.blocks[0]!.heads.length;
  return Float64Array.from({ length: heads * length }, (_, i) => {
    const [head, key] = [Math.floor(i / length), i % length];
    return value[(head * length + length - 1) * length + key]!;
  });
}

function lastLogit(
  model: ToyModel,
  pass: ForwardPass,
  token: number,
  all: Map<HookName, Float64Array>,
): number {
  const row = last(model, pass, hookName("hook_resid_post", model.blocks.length - 1), all);
  let total = 0;
  for (let i = 0; i < model.width; i++) total += row[i]! * model.unembedding[token * model.width + i]!;
  return total;
}

function forward(
  model: ToyModel,
  { tokens, edits }: ForwardPass,
  other: (pass: number) => Map<HookName, Float64Array>,
): Map<HookName, Float64Array> {
  const { width, blocks, endFlag } = model;
  const n = tokens.length;
  const all = new Map<HookName, Float64Array>();
  let stream: Float64Array = new Float64Array(n * width);
  for (const [i, token] of tokens.entries()) stream.set(model.embed(token), i * width);
  all.set("hook_embed", stream.slice());
  for (const [layer, { heads, mlp }] of blocks.entries()) {
    const set = (point: Parameters<typeof hookName>[0], value: Float64Array) =>
      all.set(hookName(point, layer), value);
    set("hook_resid_pre", stream.slice());
    const pattern = new Float64Array(heads.length * n * n);
    const v = new Float64Array(n * heads.length * width);
    const z = new Float64Array(n * heads.length * width);
    for (const [h, head] of heads.entries()) {
      for (let row = 0; row < n; row++) {
        const x = stream.subarray(row * width, (row + 1) * width);
        head.ov(x, v.subarray((row * heads.length + h) * width, (row * heads.length + h + 1) * width));
      }
      for (let query = 0; query < n; query++) {
        const scores = Array.from({ length: query + 1 }, (_, key) =>
          head.key === null
            ? 0
            : Math.log(27) * stream[query * width + endFlag]! * stream[key * width + head.key]!,
        );
        const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
        for (const [key, score] of scores.entries()) {
          const weight = Math.exp(score) / total;
          pattern[(h * n + query) * n + key] = weight;
          for (let d = 0; d < width; d++) {
            z[(query * heads.length + h) * width + d]! += weight * v[(key * heads.length + h) * width + d]!;
          }
        }
      }
    }
    for (const edit of edits ?? []) {
      if (edit.hook !== hookName("attn.hook_z", layer)) continue;
      const row = edit.position! < 0 ? n + edit.position! : edit.position!;
      const at = (row * heads.length + edit.head!) * width;
      const source =
        edit.value instanceof Float32Array ? edit.value : other(edit.value!.pass).get(edit.hook)!.slice(at);
      for (let d = 0; d < width; d++) z[at + d] = edit.scale * z[at + d]! + source[d]!;
    }
    const attention = new Float64Array(n * width);
    const written = new Float64Array(n * width);
    const mid = stream.slice();
    for (let row = 0; row < n; row++) {
      for (let h = 0; h < heads.length; h++) {
        for (let d = 0; d < width; d++)
          attention[row * width + d]! += z[(row * heads.length + h) * width + d]!;
      }
      for (let d = 0; d < width; d++) mid[row * width + d]! += attention[row * width + d]!;
      mlp(mid.subarray(row * width, (row + 1) * width), written.subarray(row * width, (row + 1) * width));
    }
    stream = mid.map((value, i) => value + written[i]!);
    set("attn.hook_pattern", pattern);
    set("attn.hook_v", v);
    set("attn.hook_z", z);
    set("attn.hook_result", z);
    set("hook_attn_out", attention);
    set("hook_resid_mid", mid);
    set("hook_mlp_out", written);
    set("hook_resid_post", stream.slice());
  }
  return all;
}
