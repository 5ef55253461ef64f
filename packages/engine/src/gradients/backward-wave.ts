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
import { int64, rowsOf } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { GradientPoint } from "./gradient-points.ts";
import { asLastRows, lastRows, RowCalls, type Rows } from "./row-calls.ts";
import { hiddenNames, mlpInput, type Tape } from "./tape.ts";

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
        this.tape.of("hook_resid_mid", this.layer),
        this.tape.hiddenOf(this.layer),
        this.buffer("hook_resid_post"),
        { d_resid_mid: this.buffer("hook_resid_mid"), d_z: this.buffer("attn.hook_z") },
      );
    if (!toAttention) await this.input();
  }

  /** Gradient at a hook point of the block that was undone last, `[row, ...]`. A sum passes its gradient on to both of its terms. */
  of(point: GradientPoint): Float32Array {
    if (point === "hook_attn_out") return this.buffer("hook_resid_mid");
    if (point === "hook_mlp_out") return this.buffer("hook_resid_post");
    return this.buffer(point);
  }

  /** The last block after its attention: only last positions have a gradient. */
  private async end(): Promise<void> {
    const { prompts, own } = this.tape;
    const ofLast = (data: Float32Array) =>
      this.tape.outputRows(this.layer) === prompts ? data : lastRows(data, prompts, own);
    const hidden = this.tape.hiddenOf(this.layer);
    const [mid, z] = (["hook_resid_mid", "attn.hook_z"] as const).map(
      (point) => new Float32Array(prompts * rowWidth(point, this.session.spec.facts)),
    );
    await this.output(
      prompts,
      ofLast(this.tape.of("hook_resid_mid", this.layer)),
      hidden && Object.fromEntries(Object.entries(hidden).map(([name, data]) => [name, ofLast(data)])),
      this.final,
      { d_resid_mid: mid!, d_z: z! },
    );
    for (const [point, data] of [
      ["hook_resid_post", this.final],
      ["hook_resid_mid", mid!],
      ["attn.hook_z", z!],
    ] as const)
      asLastRows(data, prompts, own, this.buffer(point));
  }

  /** From hook_resid_post back to hook_resid_mid and z. */
  private async output(
    rows: number,
    residMid: Float32Array,
    kept: Rows | undefined,
    dPost: Float32Array,
    { d_resid_mid, d_z }: { d_resid_mid: Float32Array; d_z: Float32Array },
  ): Promise<void> {
    const { session, layer } = this;
    const { spec } = session;
    const size = rows * spec.facts.mlpWidth;
    const scratch = (name: string) => this.buffer(name, size);
    const names = hiddenNames(session);
    const hidden = kept ?? Object.fromEntries(names.map((name) => [name, scratch(name)]));
    if (!kept) await mlpInput(this.calls, session, layer, rows, residMid, hidden);
    const dHidden = Object.fromEntries(names.map((name) => [`d_${name}`, scratch(`d_${name}`)]));
    const d_post = scratch("d_post");
    await this.inBlock(
      "mlp-output-backward",
      mlpOutputBackwardGraph,
      rows,
      { d_resid_post: dPost },
      { d_post },
    );
    await this.calls.graph(
      "activation-backward",
      (graph) => activationBackwardGraph(graph, spec),
      rows,
      { ...hidden, d_post },
      dHidden,
      Math.max(1, Math.floor(ELEMENTWISE / spec.facts.mlpWidth)),
    );
    await this.inBlock(
      "mlp-input-backward",
      mlpInputBackwardGraph,
      rows,
      { ...dHidden, resid_mid: residMid, d_resid_post: dPost },
      { d_resid_mid },
    );
    await this.inBlock(
      "attention-output-backward",
      attentionOutputBackwardGraph,
      rows,
      { d_resid_mid },
      { d_z },
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
        d_resid_mid: this.of("hook_resid_mid"),
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
    const whole = (arrays: Rows, count: number) =>
      Object.fromEntries(
        Object.entries(arrays).map(([name, data]) => [name, rowsOf(data, 0, count, data.length / count)]),
      );
    await session.runGraph(
      `attention-backward${from ? " with past" : ""}`,
      (graph) => attentionBackwardGraph(graph, session.spec, from > 0),
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
