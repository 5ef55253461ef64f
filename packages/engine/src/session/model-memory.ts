import type { ModelSpec } from "../architectures/architecture.ts";
import type { Checkpoint, TensorLocation } from "../checkpoints/checkpoint.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import {
  copiesWeights,
  DEFAULT_DEVICE,
  DEFAULT_PRECISION,
  type Device,
  graphTraits,
  type Precision,
} from "./device.ts";
import { type BlockPart, blockGraph, modelGraph } from "./model-parts.ts";

/** What an opened model may hold at once, in bytes. */
export interface ModelMemory {
  /** Of weights that its graphs hold for themselves, beside the files, which are mapped. */
  weights: number;
  /** Of activations of forward passes. */
  activations: number;
  /** Of activations that a backward pass keeps. */
  tape: number;
}

/** All weights stay; activations get enough for full chunks at every layer, little beside the weights. */
export const USUAL_MEMORY: ModelMemory = {
  weights: Number.POSITIVE_INFINITY,
  activations: 2 ** 28,
  tape: 2 ** 29,
};

/** Bytes of weights that graphs hold for themselves. */
export interface WeightNeed {
  /** When every block stays. */
  whole: number;
  /** When one block, or the unembedding, is there at a time, with what stands twice while it is compiled. */
  least: number;
}

/**
 * Parameters of the largest model whose block weights are packed. Above it the copies would cost gigabytes; below it they take the place of mapped
 * pages. The limit is a number of the model, not of the machine, so that the same model gives the same digits everywhere.
 */
const MAX_PACKED = 2 ** 29;

/** Whether matrices of the blocks are kept in the order in which the matrix product reads them. */
export const packsWeights = ({ tensors }: Pick<Checkpoint, "tensors">): boolean =>
  [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0) <= MAX_PACKED;

/** The graphs of a block that every plan runs. */
const USUAL_PARTS: readonly BlockPart[] = ["attention-input", "attention-output", "mlp"];

/**
 * Counted from types and shapes. On the CPU f32 weights are read from their file, unless they are packed; f16 and bf16 are widened. Other devices get a copy of
 * each, as f32, or matrices as f16 where that is what products are computed in.
 */
export function weightNeed(
  checkpoint: Pick<Checkpoint, "tensors">,
  spec: ModelSpec,
  device: Device = DEFAULT_DEVICE,
  precision: Precision = DEFAULT_PRECISION,
): WeightNeed {
  const tensors = (name: string): TensorLocation => checkpoint.tensors.get(name)!;
  const packsBlocks = packsWeights(checkpoint);
  const copied = copiesWeights(device);
  const ofGraphs = (graphs: readonly GraphBuilder[], packed: boolean) => {
    const own = graphs.map((graph) => graph.privateWeights({ packed, copied }));
    const bytes = own.reduce((sum, graph) => sum + graph.bytes, 0);
    return { bytes, least: bytes + Math.max(...own.map(({ largest }) => largest)) };
  };
  const built = (build: (graph: GraphBuilder) => void) => {
    const graph = new GraphBuilder("/", graphTraits(device, precision));
    build(graph);
    return graph;
  };
  const end = ofGraphs([built((graph) => modelGraph(graph, tensors, spec, "unembed"))], false);
  const blocks = Array.from({ length: spec.facts.layers }, (_, layer) =>
    ofGraphs(
      USUAL_PARTS.map((part) => built((graph) => blockGraph(graph, tensors, spec, part, layer))),
      packsBlocks,
    ),
  );
  const all = [end, ...blocks];
  return {
    whole: all.reduce((sum, { bytes }) => sum + bytes, 0),
    least: Math.max(...all.map(({ least }) => least)),
  };
}
