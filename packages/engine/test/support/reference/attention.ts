import { apply, normed, scaleOf } from "./norms.ts";
import type { PassState } from "./pass.ts";
import { add, capped, concatenated, dot, type Rows, rotated, slice, softmax } from "./vectors.ts";
import type { Block, Linear, Norm, Weights } from "./weights.ts";

/** hook_resid_pre -> hook_attn_out of one block, with everything between. */
export function attention(state: PassState, weights: Weights, layer: number, pre: Rows): Rows {
  const block = weights.blocks[layer]!;
  const at = (point: string) => `blocks.${layer}.${point}`;
  const { heads, kvHeads } = weights;
  const project = (part: Linear, name: "q" | "k" | "v", count: number, norm: Norm | null): Rows => {
    const perHead = Array.from({ length: count }, (_, h) =>
      state.read(at(`hook_${name}_input`), pre, at("hook_resid_pre"), h, count).map((x, t) => {
        const own = normed(norm, apply(headRows(part, h, count), normed(block.norm1, x)));
        return name !== "v" && weights.rotary ? rotated(own, t, weights.rotary) : own;
      }),
    );
    const rows = pre.map((_, t) => concatenated(perHead.map((own) => own[t]!)));
    const out = state.editedByHead(at(`attn.hook_${name}`), rows, count);
    state.keep(at(`attn.hook_${name}`), out);
    return out;
  };
  const q = project(block.q, "q", heads, block.headNorms?.q ?? null);
  const k = project(block.k, "k", kvHeads, block.headNorms?.k ?? null);
  const v = project(block.v, "v", kvHeads, null);

  const z = state.editedByHead(at("attn.hook_z"), mixed(state, weights, layer, { q, k, v }), heads);
  state.keep(at("attn.hook_z"), z);
  const raw = z.map((row) => apply(block.out, row));
  const { after } = block;
  if (after?.of === "output")
    state.keepNumbers(
      at("ln1_post.hook_scale"),
      raw.map((row) => scaleOf(after.attention, row)),
    );
  state.keep(
    at("attn.hook_result"),
    z.map((row, t) => results(row, raw[t]!, block, heads)),
  );
  const out = state.edited(
    at("hook_attn_out"),
    after?.of === "output" ? raw.map((row) => normed(after.attention, row)) : raw,
  );
  state.keep(at("hook_attn_out"), out);
  return out;
}

/** z before its edits; keeps the pattern. */
function mixed(
  state: PassState,
  { heads, kvHeads, blocks, scoreCap }: Weights,
  layer: number,
  { q, k, v }: { q: Rows; k: Rows; v: Rows },
): Rows {
  const length = q.length;
  const pattern = new Float64Array(heads * length ** 2);
  const z = q.map((queries, query) =>
    concatenated(
      Array.from({ length: heads }, (_, h) => {
        const kv = Math.floor((h * kvHeads) / heads);
        const own = slice(queries, h, heads);
        const scores = k
          .slice(0, query + 1)
          .map((row, key) =>
            state.knockedOut(layer, h, query, key)
              ? Number.NEGATIVE_INFINITY
              : capped(blocks[layer]!.scale * dot(own, slice(row, kv, kvHeads)), scoreCap),
          );
        const weights = softmax(scores);
        pattern.set(weights, (h * length + query) * length);
        return weights.reduce<Float64Array>(
          (sum, weight, key) =>
            add(
              sum,
              slice(v[key]!, kv, kvHeads).map((value) => weight * value),
            ),
          new Float64Array(own.length),
        );
      }),
    ),
  );
  state.hooks.set(`blocks.${layer}.attn.hook_pattern`, pattern);
  return z;
}

/** What a projection has for one head of `count`. */
const headRows = ({ rows, bias }: Linear, head: number, count: number): Linear => {
  const size = rows.length / count;
  return { rows: rows.slice(head * size, (head + 1) * size), bias: bias && slice(bias, head, count) };
};

/**
 * What each head adds to the stream: W_O over that head's part of z alone, without the bias; through the gain of a norm over the output `raw` of all heads,
 * divided by its scale.
 */
function results(z: Float64Array, raw: Float64Array, { out, after }: Block, heads: number): Float64Array {
  const size = z.length / heads;
  return concatenated(
    Array.from({ length: heads }, (_, h) => {
      const own = new Float64Array(out.rows.length);
      for (let o = 0; o < own.length; o++)
        for (let i = h * size; i < (h + 1) * size; i++) own[o]! += out.rows[o]![i]! * z[i]!;
      if (after?.of !== "output") return own;
      const scale = scaleOf(after.attention, raw);
      return own.map((value, i) => (value * after.attention.weight![i]!) / scale);
    }),
  );
}
