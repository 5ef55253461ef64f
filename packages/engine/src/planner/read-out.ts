import { int64 } from "../session/arrays.ts";
import { logitsOfResidual } from "../session/logits.ts";
import type { ModelSession } from "../session/model-session.ts";
import { inChunks } from "./block-step.ts";
import { normScale, type Results } from "./captures.ts";
import type { Sequence } from "./sequences.ts";

/** Final residual row of a position of a sequence, `[d_model]`. */
export type FinalRow = (s: Sequence, position: number) => Float32Array;

/** Final logits, queried logits and ln_final.hook_scale of sequences. */
export async function readOut(
  session: ModelSession,
  sequences: readonly Sequence[],
  finalRow: FinalRow,
  results: Results,
  checkpoint: () => void,
): Promise<void> {
  const { width } = session.spec.facts;
  const rowsOfSequence = (s: Sequence, positions: "last" | "all") => {
    const first = positions === "last" ? s.length - 1 : 0;
    const rows = new Float32Array((s.length - first) * width);
    for (let position = first; position < s.length; position++)
      rows.set(finalRow(s, position), (position - first) * width);
    return rows;
  };
  for (const s of sequences) {
    const result = results.get(s.index)!;
    for (const { point, positions } of s.modelCaptures) {
      if (point === "ln_final.hook_scale") {
        result.captures.set(point, normScale(rowsOfSequence(s, positions), session.spec.facts));
      }
    }
  }
  await readLogits(session, sequences, rowsOfSequence, results, checkpoint);
  await readQueries(session, sequences, (s) => finalRow(s, s.length - 1), results, checkpoint);
}

/** Floats of logits that one call gives: some 64 MB. */
const CALL_LOGITS = 2 ** 24;

/** Full logits, many sequences to a call: one row alone reads the whole unembedding. */
async function readLogits(
  session: ModelSession,
  sequences: readonly Sequence[],
  rowsOfSequence: (s: Sequence, positions: "last" | "all") => Float32Array,
  results: Results,
  checkpoint: () => void,
): Promise<void> {
  const { width, vocabulary } = session.spec.facts;
  const most = Math.max(1, Math.floor(CALL_LOGITS / vocabulary));
  const asked = sequences.filter(({ pass }) => pass.logits);
  for (let at = 0; at < asked.length; ) {
    checkpoint();
    const group: { s: Sequence; rows: Float32Array }[] = [];
    let count = 0;
    while (at < asked.length) {
      const s = asked[at]!;
      const own = s.pass.logits === "all" ? s.length : 1;
      if (count > 0 && count + own > most) break;
      group.push({ s, rows: rowsOfSequence(s, s.pass.logits!) });
      count += own;
      at++;
    }
    const resid = new Float32Array(count * width);
    let row = 0;
    for (const { rows } of group) {
      resid.set(rows, row * width);
      row += rows.length / width;
    }
    const data = new Float32Array(count * vocabulary);
    await inChunks(
      0,
      count,
      (start, some) =>
        logitsOfResidual(
          session,
          resid.subarray(start * width, (start + some) * width),
          data.subarray(start * vocabulary, (start + some) * vocabulary),
        ),
      most,
    );
    row = 0;
    for (const { s, rows } of group) {
      const own = rows.length / width;
      results.get(s.index)!.logits =
        group.length === 1 ? data : data.slice(row * vocabulary, (row + own) * vocabulary);
      row += own;
    }
  }
}

/** Sequences that ask for equally many tokens are read out together. */
async function readQueries(
  session: ModelSession,
  sequences: readonly Sequence[],
  lastRow: (s: Sequence) => Float32Array,
  results: Results,
  checkpoint: () => void,
): Promise<void> {
  const { width } = session.spec.facts;
  const byCount = new Map<number, Sequence[]>();
  for (const s of sequences) {
    const count = s.pass.query?.tokens.length;
    if (!count) continue;
    const group = byCount.get(count);
    if (group) group.push(s);
    else byCount.set(count, [s]);
  }
  for (const [count, group] of byCount) {
    await inChunks(
      0,
      group.length,
      async (start, rows) => {
        checkpoint();
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
