import { int64 } from "../session/arrays.ts";
import type { ModelSession } from "../session/model-session.ts";
import { inChunks } from "./block-step.ts";
import { normScale, type Results } from "./captures.ts";
import type { Sequence } from "./sequences.ts";

/** Final logits, queried logits and ln_final.hook_scale of sequences whose final residual rows stand in `residual`. */
export async function readOut(
  session: ModelSession,
  sequences: readonly Sequence[],
  residual: Float32Array,
  results: Results,
): Promise<void> {
  const { width } = session.spec.facts;
  const rowsOfSequence = (s: Sequence, positions: "last" | "all") => {
    const own = s.length - s.start;
    const [first, count] = positions === "last" ? [s.row + own - 1, 1] : [s.row, own];
    return residual.subarray(first * width, (first + count) * width);
  };
  for (const s of sequences) {
    const result = results.get(s.index)!;
    for (const { point, positions } of s.modelCaptures) {
      if (point === "ln_final.hook_scale") {
        result.captures.set(point, normScale(rowsOfSequence(s, positions), session.spec.facts));
      }
    }
    if (s.pass.logits) result.logits = await logits(session, rowsOfSequence(s, s.pass.logits));
  }
  await readQueries(session, sequences, (s) => rowsOfSequence(s, "last"), results);
}

async function logits(session: ModelSession, rows: Float32Array): Promise<Float32Array> {
  const { width, vocabulary } = session.spec.facts;
  const count = rows.length / width;
  const data = new Float32Array(count * vocabulary);
  await session.runModel(
    "logits",
    { resid: { data: rows, dims: [count, width] } },
    { logits: { data, dims: [count, vocabulary] } },
  );
  return data;
}

/** Sequences that ask for equally many tokens are read out together. */
async function readQueries(
  session: ModelSession,
  sequences: readonly Sequence[],
  lastRow: (s: Sequence) => Float32Array,
  results: Results,
): Promise<void> {
  const { width } = session.spec.facts;
  const byCount = new Map<number, Sequence[]>();
  for (const s of sequences) {
    const count = s.pass.query?.tokens.length;
    if (count) byCount.set(count, [...(byCount.get(count) ?? []), s]);
  }
  for (const [count, group] of byCount) {
    await inChunks(
      0,
      group.length,
      async (start, rows) => {
        const part = group.slice(start, start + rows);
        const data = new Float32Array(rows * width);
        for (const [i, s] of part.entries()) data.set(lastRow(s), i * width);
        const out = new Float32Array(rows * count);
        await session.runModel(
          "query",
          {
            resid: { data, dims: [rows, width] },
            tokens: int64(
              part.flatMap((s) => [...s.pass.query!.tokens]),
              [rows, count],
            ),
          },
          { logits: { data: out, dims: [rows, count] } },
        );
        for (const [i, s] of part.entries())
          results.get(s.index)!.queried = out.slice(i * count, (i + 1) * count);
      },
      Math.max(1, Math.floor(2 ** 22 / (width * count))),
    );
  }
}
