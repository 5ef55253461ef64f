import { readRows, readTensor } from "../checkpoints/read-tensor.ts";
import type { ModelSession } from "./model-session.ts";

/** Reads unembedding rows as they meet the normed stream, `[tokens, d_model]`: through the projection where there is one. */
export async function openUnembedding(
  session: ModelSession,
): Promise<(tokens: readonly number[]) => Promise<Float32Array>> {
  const table = session.tensor(session.spec.unembedding.weight);
  const through = await openProjection(session);
  return async (tokens) => through(await readRows(table, tokens));
}

/** Takes stored unembedding rows through the projection before them; as they are where there is none. */
export async function openProjection(session: ModelSession): Promise<(rows: Float32Array) => Float32Array> {
  const { projection } = session.spec.unembedding;
  if (!projection) return (rows) => rows;
  const { width } = session.spec.facts;
  const matrix = await readTensor(session.tensor(projection.linear.weight));
  return (rows) => {
    const count = rows.length / projection.width;
    const out = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      const sum = new Float64Array(width);
      for (let i = 0; i < projection.width; i++)
        for (let d = 0; d < width; d++) sum[d]! += rows[row * projection.width + i]! * matrix[i * width + d]!;
      out.set(sum, row * width);
    }
    return out;
  };
}
