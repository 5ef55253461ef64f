import { attentionBackwardGraph } from "../graph/backward/attention.ts";
import { attentionInputBackwardGraph, attentionOutputBackwardGraph } from "../graph/backward/block-graphs.ts";
import {
  activationBackwardGraph,
  mlpInputBackwardGraph,
  mlpOutputBackwardGraph,
} from "../graph/backward/mlp.ts";
import type { GraphBuilder } from "../graph/graph-builder.ts";
import type { Tensors } from "../graph/tensors.ts";
import { rowWidth } from "../planner/row-buffers.ts";
import { int64 } from "../session/arrays.ts";
import { type ModelSession, scoreForm } from "../session/model-session.ts";
import { type GradientPoint, isAfterAttention } from "./gradient-points.ts";
import { asLastRows, lastRows, RowCalls, type Rows, slices } from "./row-calls.ts";
import { hiddenNames, mlpInput, type Tape } from "./tape.ts";

/** Gradients that a block gives on the way from hook_resid_post to z; the sums are hook_resid_pre + hook_attn_out and hook_resid_mid + hook_mlp_out. */
type OutputGradient = "hook_resid_mid" | "attn.hook_z" | "mlp_in" | "attention_sum" | "mlp_sum";

interface ForwardValues {
  mlpIn: Float32Array;
  /** Where outputs or the stream are normed. */
  z?: Float32Array;
  /** Where the stream is normed. */
  residPre?: Float32Array;
  residMid?: Float32Array;
}

/** Numbers of one array in an elementwise graph of many steps: all of them stay in the cache. */
const ELEMENTWISE = 2 ** 18;

/** Gradients of a tape's prompts on their way back through the layers, one block at a time. */
export class BackwardWave {
  private readonly calls: RowCalls;
  private readonly buffers = new Map<string, Float32Array>();
  private layer: number;

  /** @param final gradient at the last layer's hook_resid_post at the last position, `[prompt, d_model]` */
  constructor(
    private readonly session: ModelSession,
    private readonly tape: Tape,
    private readonly final: Float32Array,
    signal?: AbortSignal,
  ) {
    this.calls = new RowCalls(session, signal);
    this.layer = session.spec.facts.layers;
  }

  /** Undoes the next block: `of` then gives all its gradients, or with `toAttention` those after its attention. */
  async step(toAttention: boolean): Promise<void> {
    const top = this.layer === this.session.spec.facts.layers;
    if (!top) {
      const resid = this.buffer("hook_resid_pre");
      this.buffers.set("hook_resid_pre", this.buffer("hook_resid_post"));
      this.buffers.set("hook_resid_post", resid);
    }
    this.layer--;
    if (top) await this.end();
    else
      await this.output(
        this.tape.rows,
        this.forward((point) => this.tape.of(point, this.layer)),
        this.tape.hiddenOf(this.layer),
        this.buffer("hook_resid_post"),
        Object.fromEntries(this.outputs().map((name) => [name, this.gradient(name)])),
      );
    if (!toAttention) await this.input();
  }

  /** Gradient at a hook point of the block that was undone last, `[row, ...]`. A sum passes its gradient on to both of its terms. */
  of(point: GradientPoint): Float32Array {
    const normed = this.session.spec.facts.postNorm === "stream";
    if (point === "hook_attn_out")
      return normed ? this.gradient("attention_sum") : this.buffer("hook_resid_mid");
    if (point === "hook_mlp_out") return normed ? this.gradient("mlp_sum") : this.buffer("hook_resid_post");
    return this.buffer(point);
  }

  /** What goes back from hook_resid_post, besides itself: gradients at hook points, and at what lies between them where the model's form asks for it. */
  private outputs(): OutputGradient[] {
    const { block, postNorm } = this.session.spec.facts;
    return [
      "hook_resid_mid",
      "attn.hook_z",
      ...(block === "parallel" ? (["mlp_in"] as const) : []),
      ...(postNorm === "stream" ? (["attention_sum", "mlp_sum"] as const) : []),
    ];
  }

  /** For all rows of the tape. */
  private gradient(name: OutputGradient): Float32Array {
    if (name === "hook_resid_mid" || name === "attn.hook_z") return this.buffer(name);
    return this.buffer(name, this.tape.rows * this.session.spec.facts.width);
  }

  /** Forward values that the way back to z starts from. */
  private forward(of: (point: GradientPoint) => Float32Array): ForwardValues {
    const { block, postNorm } = this.session.spec.facts;
    const parallel = block === "parallel";
    return {
      mlpIn: of(parallel ? "hook_resid_pre" : "hook_resid_mid"),
      ...(postNorm !== "none" && { z: of("attn.hook_z") }),
      ...(postNorm === "stream" && { residPre: of("hook_resid_pre"), residMid: of("hook_resid_mid") }),
    };
  }

  /** The last block after its attention: only last positions have a gradient. */
  private async end(): Promise<void> {
    const { prompts, own } = this.tape;
    const { facts } = this.session.spec;
    const ofLast = (data: Float32Array) =>
      this.tape.outputRows(this.layer) === prompts ? data : lastRows(data, prompts, own);
    const hidden = this.tape.hiddenOf(this.layer);
    const gradients = this.outputs().map((name) => {
      const width = name === "attn.hook_z" ? rowWidth(name, facts) : facts.width;
      return [name, new Float32Array(prompts * width)] as const;
    });
    await this.output(
      prompts,
      this.forward((point) => {
        const data = this.tape.of(point, this.layer);
        return isAfterAttention(point) ? ofLast(data) : lastRows(data, prompts, own);
      }),
      hidden && Object.fromEntries(Object.entries(hidden).map(([name, data]) => [name, ofLast(data)])),
      this.final,
      Object.fromEntries(gradients),
    );
    asLastRows(this.final, prompts, own, this.buffer("hook_resid_post"));
    for (const [name, data] of gradients) asLastRows(data, prompts, own, this.gradient(name));
  }

  /** From hook_resid_post back to z; `out` are the gradients of `outputs`. */
  private async output(
    rows: number,
    { mlpIn, z, residPre, residMid }: ForwardValues,
    kept: Rows | undefined,
    dPost: Float32Array,
    out: Partial<Record<OutputGradient, Float32Array>>,
  ): Promise<void> {
    const { session, layer } = this;
    const { spec } = session;
    const { block, postNorm } = spec.facts;
    const size = rows * spec.facts.mlpWidth;
    const scratch = (name: string) => this.buffer(name, size);
    const names = hiddenNames(session);
    const hidden = kept ?? Object.fromEntries(names.map((name) => [name, scratch(name)]));
    if (!kept) await mlpInput(this.calls, session, layer, rows, mlpIn, hidden);
    const dHidden = Object.fromEntries(names.map((name) => [`d_${name}`, scratch(`d_${name}`)]));
    const d_post = scratch("d_post");
    await this.inBlock(
      "mlp-output-backward",
      mlpOutputBackwardGraph,
      rows,
      {
        d_resid_post: dPost,
        ...(postNorm !== "none" && hidden),
        ...(postNorm === "stream" && { resid_mid: residMid! }),
      },
      { d_post, ...(postNorm === "stream" && { d_sum: out.mlp_sum! }) },
    );
    await this.calls.graph(
      "activation-backward",
      null,
      (graph) => activationBackwardGraph(graph, spec),
      rows,
      { ...hidden, d_post },
      dHidden,
      Math.max(1, Math.floor(ELEMENTWISE / spec.facts.mlpWidth)),
    );
    const dMid = out.hook_resid_mid!;
    if (block === "parallel") dMid.set(dPost.subarray(0, dMid.length));
    await this.inBlock(
      "mlp-input-backward",
      mlpInputBackwardGraph,
      rows,
      { ...dHidden, mlp_in: mlpIn, ...(block === "serial" && { d_sum: out.mlp_sum ?? dPost }) },
      block === "parallel" ? { d_mlp_in: out.mlp_in! } : { d_resid_mid: dMid },
    );
    await this.inBlock(
      "attention-output-backward",
      attentionOutputBackwardGraph,
      rows,
      { d_resid_mid: dMid, ...(z && { z }), ...(residPre && { resid_pre: residPre }) },
      { d_z: out["attn.hook_z"]!, ...(postNorm === "stream" && { d_sum: out.attention_sum! }) },
    );
  }

  /** From z back to q, k, v and hook_resid_pre. */
  private async input(): Promise<void> {
    const { tape, layer } = this;
    const [d_q, d_k, d_v] = (["attn.hook_q", "attn.hook_k", "attn.hook_v"] as const).map((point) =>
      this.of(point),
    );
    await this.attention({ d_q: d_q!, d_k: d_k!, d_v: d_v! });
    await this.inBlock(
      "attention-input-backward",
      attentionInputBackwardGraph,
      tape.rows,
      {
        resid_pre: tape.of("hook_resid_pre", layer),
        d_sum: this.of("hook_attn_out"),
        ...(this.session.spec.facts.block === "parallel" && { d_mlp_in: this.gradient("mlp_in") }),
        d_q: d_q!,
        d_k: d_k!,
        d_v: d_v!,
        ...tape.rotary(),
      },
      { d_resid_pre: this.of("hook_resid_pre") },
    );
  }

  private async attention(outputs: Rows): Promise<void> {
    const { tape, layer, session } = this;
    const { prompts, own, from, rows } = tape;
    const whole = (arrays: Rows, count: number) => slices(arrays, count, 0, count);
    const form = scoreForm(session.spec, layer);
    await session.runGraph(
      `attention-backward ${form.scale}${from ? " with past" : ""}`,
      null,
      (graph) => attentionBackwardGraph(graph, session.spec, form, from > 0),
      {
        ...whole(
          {
            q: tape.of("attn.hook_q", layer),
            k: tape.of("attn.hook_k", layer),
            v: tape.of("attn.hook_v", layer),
            d_z: this.of("attn.hook_z"),
          },
          rows,
        ),
        ...whole(tape.past(layer), prompts * from),
        counts: int64([own, from]),
      },
      whole(outputs, rows),
    );
  }

  private inBlock(
    key: string,
    build: (graph: GraphBuilder, tensors: Tensors, spec: ModelSession["spec"], layer: number) => void,
    rows: number,
    inputs: Rows,
    outputs: Rows,
  ): Promise<void> {
    const { layer, session } = this;
    return this.calls.graph(
      `${key} ${layer}`,
      layer,
      (graph, tensors) => build(graph, tensors, session.spec, layer),
      rows,
      inputs,
      outputs,
    );
  }

  /** Of a hook point, for all rows of the tape, or of a name and a size. */
  private buffer(name: string, size?: number): Float32Array {
    let data = this.buffers.get(name);
    if (!data || (size !== undefined && data.length < size)) {
      const { facts } = this.session.spec;
      data = new Float32Array(size ?? this.tape.rows * rowWidth(name as GradientPoint, facts));
      this.buffers.set(name, data);
    }
    return size === undefined ? data : data.subarray(0, size);
  }
}
