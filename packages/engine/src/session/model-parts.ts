import type { ModelSpec } from "../architectures/architecture.ts";
import {
  attentionInputGraph,
  attentionOutputGraph,
  attentionPostScaleGraph,
  headResultGraph,
  mlpGraph,
  streamSumGraph,
} from "../graph/block-graphs.ts";
import type { GraphBuilder } from "../graph/graph-builder.ts";
import {
  embeddingGraph,
  finalNormGraph,
  matmulTransBGraph,
  momentsGraph,
  queryGraph,
  readoutGraph,
  softCapGraph,
  topTokensGraph,
  unembedGraph,
} from "../graph/model-graphs.ts";
import type { Tensors } from "../graph/tensors.ts";

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
  | "final-norm"
  | "unembed"
  | "soft-cap"
  | "query"
  | "readout"
  | "readout-before-cap"
  | "top-tokens"
  | "matmul"
  | "moments";

/** A graph of block `layer`. */
export function blockGraph(
  graph: GraphBuilder,
  tensors: Tensors,
  spec: ModelSpec,
  part: BlockPart,
  layer: number,
): void {
  if (part === "attention-input") attentionInputGraph(graph, tensors, spec, layer);
  else if (part === "attention-output") attentionOutputGraph(graph, tensors, spec, layer);
  else if (part === "head-result") headResultGraph(graph, tensors, spec, layer);
  else if (part === "attention-post-scale") attentionPostScaleGraph(graph, tensors, spec, layer);
  else if (part === "attention-stream-sum") streamSumGraph(graph, tensors, spec, layer, "attention");
  else if (part === "mlp-stream-sum") streamSumGraph(graph, tensors, spec, layer, "mlp");
  else mlpGraph(graph, tensors, spec, layer, part === "mlp-hidden");
}

/** A graph at the ends of a model, or one without weights. */
export function modelGraph(graph: GraphBuilder, tensors: Tensors, spec: ModelSpec, part: ModelPart): void {
  if (part === "embedding") embeddingGraph(graph, tensors, spec);
  else if (part === "final-norm") finalNormGraph(graph, tensors, spec);
  else if (part === "unembed") unembedGraph(graph, tensors, spec);
  else if (part === "soft-cap") softCapGraph(graph, spec);
  else if (part === "query") queryGraph(graph, tensors, spec);
  else if (part === "readout" || part === "readout-before-cap")
    readoutGraph(graph, spec, part === "readout-before-cap");
  else if (part === "top-tokens") topTokensGraph(graph, spec);
  else if (part === "moments") momentsGraph(graph);
  else matmulTransBGraph(graph);
}
