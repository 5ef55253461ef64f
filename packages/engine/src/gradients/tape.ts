import type { ModelFacts } from "../architectures/architecture.ts";
import { mlpInputGraph, mlpOutputGraph } from "../graph/backward/mlp.ts";
import { type HookName, hookName } from "../hooks/hook-points.ts";
import { rotaryRows } from "../planner/block-step.ts";
import { rowWidth } from "../planner/row-buffers.ts";
import { int64, rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { GradientPoint } from "./gradient-points.ts";
import { lastRows, RowCalls, type Rows } from "./row-calls.ts";

/** What a block's backward graphs start from, besides what stands before the MLP's activation. */
export const forwardPoints = ({
  block,
  postNorm,
}: Pick<ModelFacts, "block" | "postNorm">): readonly GradientPoint[] => [
  "hook_resid_pre",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  ...(postNorm === "none" ? [] : (["attn.hook_z"] as const)),
  ...(block === "parallel" ? [] : (["hook_resid_mid"] as const)),
];

export interface TapePrompt {
  tokens: readonly number[];
  /** `[position, d_model]`: takes the place of blocks.0.hook_resid_pre (what the tokens and positions embed to). */
  embeddings?: Float32Array;
}

export interface TapeOptions {
  /** First position that is computed. What stands before it is read from `before`. */
  from: number;
  /** Of each prompt: attn.hook_k and attn.hook_v of all layers at all positions, of a run that begins alike; needed with `from` above 0. */
  before: readonly ReadonlyMap<HookName, Float32Array>[];
  keep(point: GradientPoint, layer: number): boolean;
  /** Keep what stands before the MLPs' activations in this layer. */
  keepHidden(layer: number): boolean;
  /** All positions in the last layer's MLP instead of those that the logits read. */
  wholeEnd: boolean;
  signal?: AbortSignal;
}

/** `pre`, and `up` of gated MLPs. */
export const hiddenNames = (session: ModelSession): readonly string[] =>
  session.spec.block(0).mlp.kind === "gated" ? ["pre", "up"] : ["pre"];

/**
 * A forward pass of prompts of equal length that keeps what a backward pass starts from. Rows are prompts x the positions from `from` on. Every
 * graph writes where its numbers stay: the planner's captures would copy hundreds of megabytes. In the last layer, points after the attention have
 * one row per prompt, unless `wholeEnd`.
 */
export class Tape {
  readonly prompts: number;
  /** Rows of each prompt. */
  readonly own: number;
  readonly rows: number;
  readonly from: number;
  /** hook_resid_post of the last layer at the last position, `[prompt, d_model]`. */
  final: Float32Array = new Float32Array();
  private rotaryOfRows: Rows | null = null;
  private readonly facts: ModelFacts;
  private readonly calls: RowCalls;
  private readonly kept = new Map<string, Float32Array>();
  private readonly hidden = new Map<number, Rows>();
  private readonly scratch = new Map<string, Float32Array>();

  private constructor(
    private readonly session: ModelSession,
    private readonly options: TapeOptions,
    prompts: readonly TapePrompt[],
  ) {
    this.facts = session.spec.facts;
    this.calls = new RowCalls(session, options.signal);
    this.prompts = prompts.length;
    this.from = options.from;
    this.own = prompts[0]!.tokens.length - options.from;
    this.rows = this.prompts * this.own;
  }

  static async record(
    session: ModelSession,
    prompts: readonly TapePrompt[],
    options: TapeOptions,
  ): Promise<Tape> {
    const tape = new Tape(session, options, prompts);
    await tape.run(prompts);
    tape.scratch.clear();
    return tape;
  }

  /** @throws Error for what was not kept */
  of(point: GradientPoint, layer: number): Float32Array {
    const data = this.kept.get(`${point} ${layer}`);
    if (!data) throw new Error(`${point} of layer ${layer} was not kept`);
    return data;
  }

  hiddenOf(layer: number): Rows | undefined {
    return this.hidden.get(layer);
  }

  /** Rows of the points after a layer's attention. */
  outputRows(layer: number): number {
    return layer < this.facts.layers - 1 || this.options.wholeEnd ? this.rows : this.prompts;
  }

  /** cos and sin of all rows' positions; nothing where the model does not rotate. */
  rotary(): Rows {
    this.rotaryOfRows ??= { ...rotaryRows(this.session, this.positions()) };
    return this.rotaryOfRows;
  }

  /** Keys and values of a layer before the first row, `[prompt, position, ...]`. Valid until the next call. */
  past(layer: number): Rows {
    if (this.from === 0) return {};
    const { kvHeads, headWidth } = this.facts;
    const size = this.from * kvHeads * headWidth;
    const gathered = (point: "attn.hook_k" | "attn.hook_v") => {
      const out = this.reused(`past ${point}`, this.prompts * size);
      for (const [i, captures] of this.options.before.entries())
        out.set(captures.get(hookName(point, layer))!.subarray(0, size), i * size);
      return out;
    };
    return { past_k: gathered("attn.hook_k"), past_v: gathered("attn.hook_v") };
  }

  private async run(prompts: readonly TapePrompt[]): Promise<void> {
    const { layers } = this.facts;
    const rotary = this.rotary();
    let resid = this.place("hook_resid_pre", 0, this.rows);
    await this.embed(prompts, resid);
    for (let layer = 0; layer < layers; layer++) {
      const at = (point: GradientPoint, rows: number) => this.place(point, layer, rows);
      const [q, k, v] = [
        at("attn.hook_q", this.rows),
        at("attn.hook_k", this.rows),
        at("attn.hook_v", this.rows),
      ];
      await this.calls.block(
        "attention-input",
        layer,
        this.rows,
        { resid_pre: resid, ...rotary },
        { q, k, v },
      );
      const rows = this.outputRows(layer);
      const ends = rows < this.rows;
      let z = ends
        ? this.reused("all z", this.rows * rowWidth("attn.hook_z", this.facts))
        : at("attn.hook_z", rows);
      await this.attend(layer, { q, k, v }, z);
      if (ends) {
        const last = lastRows(z, this.prompts, this.own);
        z = at("attn.hook_z", rows);
        z.set(last);
        resid = lastRows(resid, this.prompts, this.own);
      }
      const [attnOut, residMid] = [at("hook_attn_out", rows), at("hook_resid_mid", rows)];
      await this.calls.block(
        "attention-output",
        layer,
        rows,
        { z, resid_pre: resid },
        { attn_out: attnOut, resid_mid: residMid },
      );
      const residPost = this.place("hook_resid_post", layer, rows);
      const input = this.facts.block === "parallel" ? resid : residMid;
      await this.mlp(layer, input, residMid, at("hook_mlp_out", rows), residPost);
      resid = residPost;
    }
    this.final =
      this.outputRows(layers - 1) === this.prompts ? resid : lastRows(resid, this.prompts, this.own);
  }

  private async mlp(
    layer: number,
    input: Float32Array,
    residMid: Float32Array,
    mlpOut: Float32Array,
    residPost: Float32Array,
  ) {
    const rows = this.outputRows(layer);
    const keep = this.options.keepHidden(layer);
    const size = rows * this.facts.mlpWidth;
    const hidden = Object.fromEntries(
      hiddenNames(this.session).map((name) => [
        name,
        keep ? new Float32Array(size) : this.reused(name, size),
      ]),
    );
    if (keep) this.hidden.set(layer, hidden);
    await mlpInput(this.calls, this.session, layer, rows, input, hidden);
    await this.calls.graph(
      `mlp-output ${layer}`,
      layer,
      (graph, tensors) => mlpOutputGraph(graph, tensors, this.session.spec, layer),
      rows,
      { ...hidden, resid_mid: residMid },
      { mlp_out: mlpOut, resid_post: residPost },
    );
  }

  private async attend(layer: number, { q, k, v }: Rows, z: Float32Array): Promise<void> {
    const { prompts, own, from, rows } = this;
    const { heads, kvHeads, headWidth } = this.facts;
    const [queryWidth, keyWidth] = [heads * headWidth, kvHeads * headWidth];
    const inputs = {
      q: rowsOf(q!, 0, rows, queryWidth),
      k: rowsOf(k!, 0, rows, keyWidth),
      v: rowsOf(v!, 0, rows, keyWidth),
    };
    const outputs = { z: rowsOf(z, 0, rows, queryWidth) };
    if (from === 0) {
      await this.session.runAttention("dense-attention", layer, { ...inputs, length: int64([own]) }, outputs);
      return;
    }
    const { past_k, past_v } = this.past(layer);
    const single = own === 1;
    await this.session.runAttention(
      single ? "single-attention" : "suffix-attention",
      layer,
      {
        ...inputs,
        past_k: rowsOf(past_k!, 0, prompts * from, keyWidth),
        past_v: rowsOf(past_v!, 0, prompts * from, keyWidth),
        counts: int64(single ? [prompts, 1, from] : [prompts, 1, own, own, from]),
      },
      outputs,
    );
  }

  private positions(): number[] {
    return Array.from({ length: this.rows }, (_, row) => this.from + (row % this.own));
  }

  private async embed(prompts: readonly TapePrompt[], target: Float32Array): Promise<void> {
    const { width } = this.facts;
    const ids = prompts.flatMap(({ tokens }) => tokens.slice(this.from));
    const size = this.rows * width;
    await this.session.embed(
      ids,
      this.positions(),
      {
        embed: rowsOf(this.reused("hook_attn_out", size), 0, this.rows, width),
        resid_pre: rowsOf(target, 0, this.rows, width),
      },
      () => rowsOf(this.reused("hook_mlp_out", size), 0, this.rows, width),
    );
    for (const [i, { embeddings }] of prompts.entries())
      if (embeddings) target.set(embeddings.subarray(this.from * width), i * this.own * width);
  }

  /** Where a point of a layer is written: an array of its own where it is kept. The output of a block is the input of the next one. */
  private place(point: GradientPoint, layer: number, rows: number): Float32Array {
    const size = rows * rowWidth(point, this.facts);
    const { keep } = this.options;
    const next = layer + 1 < this.facts.layers;
    const asInput = point === "hook_resid_post" && next && keep("hook_resid_pre", layer + 1);
    if (!keep(point, layer) && !asInput) {
      // A block's input is still read while its output is written.
      const residual = point === "hook_resid_pre" || point === "hook_resid_post";
      return this.reused(
        residual ? `residual ${(layer + Number(point === "hook_resid_post")) % 2}` : point,
        size,
      );
    }
    const data = new Float32Array(size);
    this.kept.set(`${point} ${layer}`, data);
    if (asInput || (point === "hook_resid_post" && next)) this.kept.set(`hook_resid_pre ${layer + 1}`, data);
    return data;
  }

  private reused(name: string, size: number): Float32Array {
    let data = this.scratch.get(name);
    if (!data || data.length < size) {
      data = new Float32Array(size);
      this.scratch.set(name, data);
    }
    return data.subarray(0, size);
  }
}

/** What stands before the activation of a layer's MLP, from what it reads. */
export const mlpInput = (
  calls: RowCalls,
  { spec }: ModelSession,
  layer: number,
  rows: number,
  input: Float32Array,
  hidden: Rows,
): Promise<void> =>
  calls.graph(
    `mlp-input ${layer}`,
    layer,
    (graph, tensors) => mlpInputGraph(graph, tensors, spec, layer),
    rows,
    { mlp_in: input },
    hidden,
  );
