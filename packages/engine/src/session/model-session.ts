import path from "node:path";
import type { ModelSpec } from "../architectures/architecture.ts";
import { readModelSpec } from "../architectures/index.ts";
import type { Checkpoint, TensorLocation } from "../checkpoints/checkpoint.ts";
import { EngineError } from "../errors.ts";
import { denseAttentionGraph, suffixAttentionGraph } from "../graph/block-graphs.ts";
import type { ScoreForm } from "../graph/components/attention.ts";
import type { GraphBuilder } from "../graph/graph-builder.ts";
import type { Tensors } from "../graph/tensors.ts";
import { int64 } from "./arrays.ts";
import { CompiledGraphs, type WeightMemory } from "./compiled-graphs.ts";
import { DEFAULT_DEVICE, DEFAULT_PRECISION, type Device, type Precision } from "./device.ts";
import { type ModelMemory, packsWeights, USUAL_MEMORY, type WeightNeed, weightNeed } from "./model-memory.ts";
import { type AttentionPart, type BlockPart, blockGraph, type ModelPart, modelGraph } from "./model-parts.ts";
import type { Array2, SessionOptions } from "./onnx-session.ts";

export type ModelOptions = SessionOptions & { memory?: ModelMemory };

/** Few rows of a large table: a device would hold the whole of it once more for them. They are read from the file, by the CPU. */
const LOOK_UPS: ReadonlySet<ModelPart> = new Set(["embedding", "query"]);

/** An opened model: its graphs, compiled when first used and kept as long as there is room for them. */
export class ModelSession {
  readonly memory: ModelMemory;
  readonly weightNeed: WeightNeed;
  private readonly graphs: CompiledGraphs;
  private readonly tensors: Tensors;
  private readonly blockOptions: SessionOptions;

  private constructor(
    readonly checkpoint: Checkpoint,
    readonly spec: ModelSpec,
    private readonly options: SessionOptions,
    memory: ModelMemory,
  ) {
    this.tensors = (name) => this.tensor(name);
    this.memory = memory;
    this.weightNeed = weightNeed(checkpoint, spec, this.device, this.precision);
    this.graphs = new CompiledGraphs(commonFolder(checkpoint), memory.weights);
    this.blockOptions = { ...options, packWeights: packsWeights(checkpoint) };
  }

  static open(checkpoint: Checkpoint, { memory = USUAL_MEMORY, ...options }: ModelOptions): ModelSession {
    return new ModelSession(checkpoint, readModelSpec(checkpoint), options, memory);
  }

  /** What its graphs are computed on. */
  get device(): Device {
    return this.options.device ?? DEFAULT_DEVICE;
  }

  /** What its products with the model's matrices are computed in. */
  get precision(): Precision {
    return this.options.precision ?? DEFAULT_PRECISION;
  }

  get weightMemory(): Readonly<WeightMemory> {
    return this.graphs.memory;
  }

  tensor(name: string): TensorLocation {
    const tensor = this.checkpoint.tensors.get(name);
    if (!tensor)
      throw new EngineError("BAD_WEIGHTS", `tensor of ${this.checkpoint.name}: ${name} is missing`);
    return tensor;
  }

  runBlock(
    part: BlockPart,
    layer: number,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const build = (graph: GraphBuilder) => blockGraph(graph, this.tensors, this.spec, part, layer);
    const { blockOptions: options } = this;
    return this.graphs.run({ key: `${part} ${layer}`, layer, build, options }, inputs, outputs);
  }

  runModel(part: ModelPart, inputs: Record<string, Array2>, outputs: Record<string, Array2>): Promise<void> {
    const build = (graph: GraphBuilder) => modelGraph(graph, this.tensors, this.spec, part);
    const options = LOOK_UPS.has(part) ? { threads: this.options.threads } : this.options;
    return this.graphs.run({ key: part, layer: null, build, options }, inputs, outputs);
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
  runAttention(
    part: AttentionPart,
    layer: number,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const { spec, options } = this;
    const form = scoreForm(spec, layer);
    const build = (graph: GraphBuilder) => {
      const asked = { masked: part.includes("-masked"), withPattern: part.endsWith("-pattern") };
      if (part.startsWith("dense")) denseAttentionGraph(graph, spec, form, asked);
      else suffixAttentionGraph(graph, spec, form, { ...asked, single: part.startsWith("single") });
    };
    return this.graphs.run({ key: `${part} ${form.scale}`, layer: null, build, options }, inputs, outputs);
  }

  /**
   * Runs a graph of another part of the engine.
   * @param key its own among all graphs of the model
   * @param layer the block whose weights it reads; null for those of no block
   */
  runGraph(
    key: string,
    layer: number | null,
    build: (graph: GraphBuilder, tensors: Tensors) => void,
    inputs: Record<string, Array2>,
    outputs: Record<string, Array2>,
  ): Promise<void> {
    const { blockOptions: options } = this;
    const request = { key, layer, build: (graph: GraphBuilder) => build(graph, this.tensors), options };
    return this.graphs.run(request, inputs, outputs);
  }

  close(): Promise<void> {
    return this.graphs.close();
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
