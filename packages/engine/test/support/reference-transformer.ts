import { attention } from "./reference/attention.ts";
import { apply, normed, scaleOf } from "./reference/norms.ts";
import { PassState, type ReferencePass, type ReferenceRun } from "./reference/pass.ts";
import { add, capped, concatenated, type Rows } from "./reference/vectors.ts";
import type { Norm, Weights } from "./reference/weights.ts";
import { readWeights } from "./reference-weights.ts";

export { captured, type ReferencePass, type ReferenceRun } from "./reference/pass.ts";

/**
 * The forward pass of every supported family written out in float64, position by position and head by head, with all edits and knockouts: what the
 * planner must compute, without its waves, suffixes, batches or graphs. It shares no code with the engine.
 *
 *     const reference = await ReferenceTransformer.open(folder);
 *     const [clean, patched] = reference.run([{ tokens }, { tokens: other, edits: [{ hook, scale: 0, value: { pass: 0 } }] }]);
 */
export class ReferenceTransformer {
  private constructor(readonly weights: Weights) {}

  static async open(folder: string): Promise<ReferenceTransformer> {
    return new ReferenceTransformer(await readWeights(folder));
  }

  /** Runs every pass in full. Edits may take values from unedited passes of the list. */
  run(passes: readonly ReferencePass[]): ReferenceRun[] {
    const runs = passes.map((pass) =>
      pass.edits?.length || pass.knockouts?.length ? null : this.runPass(pass, []),
    );
    return passes.map((pass, i) => runs[i] ?? this.runPass(pass, runs));
  }

  private runPass(pass: ReferencePass, sources: readonly (ReferenceRun | null)[]): ReferenceRun {
    const { tokens, positions, blocks, finalNorm, unembedding, logitCap } = this.weights;
    const state = new PassState(pass, sources);
    let residual: Rows = pass.tokens.map((id) => tokens[id]!);
    state.keep("hook_embed", residual);
    if (positions) {
      const places = pass.tokens.map((_, t) => positions[t]!);
      state.keep("hook_pos_embed", places);
      residual = residual.map((row, t) => add(row, places[t]!));
    }
    for (const layer of blocks.keys()) residual = this.runBlock(state, layer, residual);
    keepScales(state, "ln_final.hook_scale", finalNorm, residual);
    const logits = residual.map((x) =>
      apply({ rows: unembedding, bias: null }, normed(finalNorm, x)).map((logit) => capped(logit, logitCap)),
    );
    return { length: pass.tokens.length, hooks: state.hooks, logits: concatenated(logits) };
  }

  /** The stream before a block -> after it. */
  private runBlock(state: PassState, layer: number, residual: Rows): Rows {
    const { blocks, parallel } = this.weights;
    const { norm1, norm2, after } = blocks[layer]!;
    const at = (point: string) => `blocks.${layer}.${point}`;
    const streamed = (norm: Norm | undefined, rows: Rows): Rows =>
      after?.of === "stream" ? rows.map((row) => normed(norm!, row)) : rows;

    const pre = state.edited(at("hook_resid_pre"), residual);
    state.keep(at("hook_resid_pre"), pre);
    keepScales(state, at("ln1.hook_scale"), norm1, pre);
    const attn = attention(state, this.weights, layer, pre);
    const sum = pre.map((row, t) => add(row, attn[t]!));
    const mid = parallel ? sum : state.edited(at("hook_resid_mid"), streamed(after?.attention, sum));
    if (!parallel) state.keep(at("hook_resid_mid"), mid);

    const read = parallel
      ? state.read(at("hook_mlp_in"), pre, at("hook_resid_pre"))
      : state.read(at("hook_mlp_in"), mid, at("hook_resid_mid"));
    keepScales(state, at("ln2.hook_scale"), norm2, read);
    const raw = this.mlp(
      state,
      layer,
      read.map((row) => normed(norm2, row)),
    );
    const out = state.edited(
      at("hook_mlp_out"),
      after?.of === "output" ? raw.map((row) => normed(after.mlp, row)) : raw,
    );
    state.keep(at("hook_mlp_out"), out);
    const total = mid.map((row, t) => add(row, out[t]!));
    const post = state.edited(at("hook_resid_post"), streamed(after?.mlp, total));
    state.keep(at("hook_resid_post"), post);
    return post;
  }

  private mlp(state: PassState, layer: number, read: Rows): Rows {
    const { blocks, activation } = this.weights;
    const { gate, in: up, out } = blocks[layer]!.mlp;
    const before = read.map((x) => apply(gate ?? up, x));
    const hidden = before.map((row, t) => {
      const active = row.map(activation);
      if (!gate) return active;
      const other = apply(up, read[t]!);
      return active.map((a, i) => a * other[i]!);
    });
    state.keep(`blocks.${layer}.mlp.hook_pre`, before);
    state.keep(`blocks.${layer}.mlp.hook_post`, hidden);
    return hidden.map((row) => apply(out, row));
  }
}

/** Scales of a norm that stands before what reads the stream; a model without it has no such hook. */
function keepScales(state: PassState, hook: string, norm: Norm | null, rows: Rows): void {
  if (norm)
    state.keepNumbers(
      hook,
      rows.map((row) => scaleOf(norm, row)),
    );
}
