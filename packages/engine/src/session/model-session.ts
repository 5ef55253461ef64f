import path from "node:path";
import type { ModelSpec } from "../architectures/architecture.ts";
import { readModelSpec } from "../architectures/index.ts";
import type { Checkpoint, TensorLocation } from "../checkpoints/checkpoint.ts";
import { EngineError } from "../errors.ts";
import {
  attentionInputGraph,
  attentionOutputGraph,
  denseAttentionGraph,
  headResultGraph,
  mlpGraph,
  suffixAttentionGraph,
} from "../graph/block-graphs.ts";
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
import { type Array2, OnnxSession, type SessionOptions } from "./onnx-session.ts";

export type BlockPart = "attention-input" | "attention-output" | "head-result" | "mlp" | "mlp-hidden";
export type AttentionPart = `${"dense" | "suffix" | "single"}-attention${"" | "-masked"}${"" | "-pattern"}`;
export type ModelPart =
  | "embedding"
  | AttentionPart
  | "logits"
  | "query"
  | "readout"
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
      else if (part.startsWith("dense-attention"))
        denseAttentionGraph(graph, this.spec, attentionOptions(part));
      else if (part.startsWith("suffix-attention"))
        suffixAttentionGraph(graph, this.spec, { ...attentionOptions(part), single: false });
      else if (part.startsWith("single-attention"))
        suffixAttentionGraph(graph, this.spec, { ...attentionOptions(part), single: true });
      else if (part === "logits") logitsGraph(graph, this.tensors, this.spec);
      else if (part === "query") queryGraph(graph, this.tensors, this.spec);
      else if (part === "readout") readoutGraph(graph, this.tensors, this.spec);
      else if (part === "top-tokens") topTokensGraph(graph, this.tensors, this.spec);
      else if (part === "unembed") unembedGraph(graph, this.tensors, this.spec);
      else if (part === "moments") momentsGraph(graph);
      else matmulTransBGraph(graph);
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

const attentionOptions = (part: string) => ({
  masked: part.includes("-masked"),
  withPattern: part.endsWith("-pattern"),
});

/** onnxruntime takes weight files by name inside one folder. */
function commonFolder(checkpoint: Checkpoint): string {
  const folders = new Set([...checkpoint.tensors.values()].map((tensor) => path.dirname(tensor.file)));
  if (folders.size === 1) return [...folders][0]!;
  throw new EngineError(
    "BAD_WEIGHTS",
    `weight files of ${checkpoint.name} lie in several folders: ${[...folders].join(", ")} (put all shards into one folder)`,
  );
}
