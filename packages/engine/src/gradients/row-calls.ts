import type { GraphBuilder } from "../graph/graph-builder.ts";
import type { Tensors } from "../graph/tensors.ts";
import { chunkRows, inChunks } from "../planner/block-step.ts";
import { throwIfCancelled } from "../planner/execute.ts";
import { rowsOf } from "../session/arrays.ts";
import type { BlockPart } from "../session/model-parts.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { Array2 } from "../session/onnx-session.ts";

/** Arrays with the same number of rows each, by the names of a graph's inputs or outputs. */
export type Rows = Readonly<Record<string, Float32Array>>;

/** Graphs that take rows one by one, called with as many at once as pay; a cancelled signal ends them between two calls. */
export class RowCalls {
  constructor(
    private readonly session: ModelSession,
    private readonly signal?: AbortSignal,
  ) {}

  async block(part: BlockPart, layer: number, count: number, inputs: Rows, outputs: Rows): Promise<void> {
    await this.inChunks(count, (from, some) =>
      this.session.runBlock(
        part,
        layer,
        slices(inputs, count, from, some),
        slices(outputs, count, from, some),
      ),
    );
  }

  /** @param most rows of a call, where fewer than usual pay */
  async graph(
    key: string,
    layer: number | null,
    build: (graph: GraphBuilder, tensors: Tensors) => void,
    count: number,
    inputs: Rows,
    outputs: Rows,
    most?: number,
  ): Promise<void> {
    await this.inChunks(
      count,
      (from, some) =>
        this.session.runGraph(
          key,
          layer,
          build,
          slices(inputs, count, from, some),
          slices(outputs, count, from, some),
        ),
      most,
    );
  }

  /** Parts of equal size: a small rest costs more per row. */
  private async inChunks(
    count: number,
    run: (from: number, some: number) => Promise<void>,
    most = chunkRows(this.session.spec.facts),
  ): Promise<void> {
    const calls = Math.max(1, Math.ceil(count / most));
    const checked = (from: number, some: number) => {
      throwIfCancelled(this.signal);
      return run(from, some);
    };
    await inChunks(0, count, checked, Math.ceil(count / calls));
  }
}

/** Rows `[from, from + some)` of arrays of `count` rows each, as inputs or outputs of a graph. */
export const slices = (arrays: Rows, count: number, from: number, some: number): Record<string, Array2> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, rowsOf(data, from, some, data.length / count)]),
  );

/** The last row of each prompt. */
export function lastRows(data: Float32Array, prompts: number, own: number): Float32Array {
  if (own === 1) return data;
  const width = data.length / (prompts * own);
  const out = new Float32Array(prompts * width);
  for (let i = 0; i < prompts; i++) {
    const end = (i + 1) * own * width;
    out.set(data.subarray(end - width, end), i * width);
  }
  return out;
}

/** One row per prompt becomes its last of `own`; the others are 0. */
export function asLastRows(data: Float32Array, prompts: number, own: number, target: Float32Array): void {
  const width = data.length / prompts;
  target.fill(0);
  for (let i = 0; i < prompts; i++)
    target.set(data.subarray(i * width, (i + 1) * width), ((i + 1) * own - 1) * width);
}
