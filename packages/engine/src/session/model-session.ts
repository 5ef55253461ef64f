import path from "node:path";
import type { ModelSpec } from "../architectures/architecture.ts";
import { readModelSpec } from "../architectures/index.ts";
import type { Checkpoint, TensorLocation } from "../checkpoints/checkpoint.ts";
import { EngineError } from "../errors.ts";
import {
  attentionInputGraph,
  attentionOutputGraph,
  attentionPostScaleGraph,
  denseAttentionGraph,
  headResultGraph,
  mlpGraph,
  streamSumGraph,
  suffixAttentionGraph,
} from "../graph/block-graphs.ts";
import type { ScoreForm } from "../graph/components/attention.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import {
  embeddingGraph,
  logitsGraph,
  matmulTransBGraph,
  momentsGraph,
  queryGraph,
  readoutGraph,
  topTokensGraph,
  unembedGraph,
} from "../graph/model-graphs.ts";
import type { Tensors } from "../graph/tensors.ts";
import { int64 } from "./arrays.ts";
import { type Array2, OnnxSession, type SessionOptions } from "./onnx-session.ts";

export type BlockPart =
  | "attention-input"
  | "attention-output"
  | "attention-post-scale"
  | "attention-stream-sum"
  | "head-result"
  | "mlp"
  | "mlp-hidden"
  | "mlp-stream-sum";
export type AttentionPart = `${"dense" | "suffix" | "single"}-attention${"" | "-masked"}${"" | "-pattern"}`;
export type ModelPart =
  | "embedding"
  | "logits"
  | "query"
  | "readout"
  | "readout-before-cap"
  | "top-tokens"
  | "unembed"
  | "matmul"
  | "moments";

/**
 * Parameters of the largest model whose block weights are packed. Above it the copies would cost gigabytes; below it they take the place of mapped
 * pages. The limit is a number of the model, not of the machine, so that the same model gives the same digits everywhere.
 */
const MAX_PACKED = 2 ** 29;

const parameters = ({ tensors }: Checkpoint): number =>
  [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** An opened model: its graphs, compiled when first used and kept. */
export class ModelSession {
  private readonly sessions = new Map<string, Promise<OnnxSession>>();
  private readonly folder: string;
  private readonly tensors: Tensors;
  private readonly blockOptions: SessionOptions;

  private constructor(
    readonly checkpoint: Checkpoint,
    readonly spec: ModelSpec,
    private readonly options: SessionOptions,
  ) {
    this.tensors = (name) => this.tensor(name);
    this.folder = commonFolder(checkpoint);
    this.blockOptions = { ...options, packWeights: parameters(checkpoint) <= MAX_PACKED };
  }

  static open(checkpoint: Checkpoint, options: SessionOptions): ModelSession {
    return new ModelSession(checkpoint, readModelSpec(checkpoint), options);
  }

  tensor(name: string): TensorLocation {
    const tensor = this.checkpoint.tensors.get(name);
    if (!tensor)
      throw new EngineError("BAD_WEIGHTS", `tensor of ${this.checkpoint.name}: ${name} is missing`);
    return tensor;
  }

  async runBlock(
    part: BlockPart,
    layer: number,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const session = await this.session(
      `${part} ${layer}`,
      (graph) => {
        if (part === "attention-input") attentionInputGraph(graph, this.tensors, this.spec, layer);
        else if (part === "attention-output") attentionOutputGraph(graph, this.tensors, this.spec, layer);
        else if (part === "head-result") headResultGraph(graph, this.tensors, this.spec, layer);
        else if (part === "attention-post-scale")
          attentionPostScaleGraph(graph, this.tensors, this.spec, layer);
        else if (part === "attention-stream-sum")
          streamSumGraph(graph, this.tensors, this.spec, layer, "attention");
        else if (part === "mlp-stream-sum") streamSumGraph(graph, this.tensors, this.spec, layer, "mlp");
        else mlpGraph(graph, this.tensors, this.spec, layer, part === "mlp-hidden");
      },
      this.blockOptions,
    );
    await session.run(inputs, outputs);
  }

  async runModel(
    part: ModelPart,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const session = await this.session(part, (graph) => {
      if (part === "embedding") embeddingGraph(graph, this.tensors, this.spec);
      else if (part === "logits") logitsGraph(graph, this.tensors, this.spec);
      else if (part === "query") queryGraph(graph, this.tensors, this.spec);
      else if (part === "readout" || part === "readout-before-cap")
        readoutGraph(graph, this.tensors, this.spec, part === "readout-before-cap");
      else if (part === "top-tokens") topTokensGraph(graph, this.tensors, this.spec);
      else if (part === "unembed") unembedGraph(graph, this.tensors, this.spec);
      else if (part === "moments") momentsGraph(graph);
      else matmulTransBGraph(graph);
    });
    await session.run(inputs, outputs);
  }

  /**
   * Embeds tokens `[n]` at their positions into hook_embed, resid_pre of block 0 and, where positions are learned, hook_pos_embed, each `[n, d_model]`;
   * elsewhere the positions do not matter and `placeEmbedding` is not asked for.
   */
  async embed(
    tokens: readonly number[],
    positions: readonly number[],
    outputs: Record<"embed" | "resid_pre", Array2>,
    placeEmbedding: () => Array2,
  ): Promise<void> {
    const ids = int64(tokens);
    if (this.spec.embedding.position === undefined) await this.runModel("embedding", { ids }, outputs);
    else
      await this.runModel(
        "embedding",
        { ids, positions: int64(positions) },
        { ...outputs, pos_embed: placeEmbedding() },
      );
  }

  /** Attention of a layer, without weights: layers whose scores are formed alike share a graph. */
  async runAttention(
    part: AttentionPart,
    layer: number,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const { spec } = this;
    const form = scoreForm(spec, layer);
    const session = await this.session(`${part} ${form.scale}`, (graph) => {
      const options = { masked: part.includes("-masked"), withPattern: part.endsWith("-pattern") };
      if (part.startsWith("dense")) denseAttentionGraph(graph, spec, form, options);
      else suffixAttentionGraph(graph, spec, form, { ...options, single: part.startsWith("single") });
    });
    await session.run(inputs, outputs);
  }

  /** Runs a graph of another part of the engine, compiled when first used and kept; `key` is its own among all graphs of the model. */
  async runGraph(
    key: string,
    build: (graph: GraphBuilder, tensors: Tensors) => void,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const session = await this.session(key, (graph) => build(graph, this.tensors), this.blockOptions);
    await session.run(inputs, outputs);
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.sessions.values());
    this.sessions.clear();
    for (const result of sessions) if (result.status === "fulfilled") await result.value.release();
  }

  private session(
    key: string,
    build: (graph: GraphBuilder) => void,
    options = this.options,
  ): Promise<OnnxSession> {
    let session = this.sessions.get(key);
    if (!session) {
      const graph = new GraphBuilder(this.folder);
      build(graph);
      session = OnnxSession.create(graph.bytes(), this.folder, options);
      this.sessions.set(key, session);
    }
    return session;
  }
}

/** How a layer's attention scores come from q k^T. */
export const scoreForm = ({ block, attentionCap }: ModelSpec, layer: number): ScoreForm => ({
  scale: block(layer).attentionScale,
  ...(attentionCap !== undefined && { cap: attentionCap }),
});

/** The innermost folder around all weight files: onnxruntime takes them by their paths inside one. */
function commonFolder({ name, tensors }: Checkpoint): string {
  const folders = [...new Set([...tensors.values()].map((tensor) => path.dirname(tensor.file)))];
  const isAround = (folder: string) =>
    folders.every((inner) => inner === folder || inner.startsWith(folder.replace(/[\\/]*$/, path.sep)));
  for (let folder = folders[0]!; ; folder = path.dirname(folder)) {
    if (isAround(folder)) return folder;
    if (folder === path.dirname(folder))
      throw new EngineError(
        "BAD_WEIGHTS",
        `weight files of ${name} lie on several drives: ${folders.join(", ")} (put them on one)`,
      );
  }
}
