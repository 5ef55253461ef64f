import type { FurtherContext } from "../further.ts";
import type { SweepRow } from "./alpha-sweep.ts";
import { type LastLayerRow, lastLayerPass, lastLayerRows } from "./last-layer.ts";
import { neutralText } from "./neutral-text.ts";

const SENTENCES_PER_STEP = 16;

/** The last block at every position of neutral text that has a next token, `[sentence][position]`. */
export async function neutralRows(
  context: Pick<FurtherContext, "model" | "tokenizer" | "execute">,
  toSweep: (row: LastLayerRow, next: number) => SweepRow,
): Promise<SweepRow[][]> {
  const { model } = context;
  const { sentences } = neutralText(context.tokenizer, model.positions);
  const out: SweepRow[][] = [];
  for (let from = 0; from < sentences.length; from += SENTENCES_PER_STEP) {
    const some = sentences.slice(from, from + SENTENCES_PER_STEP);
    const results = await context.execute(some.map((tokens) => lastLayerPass(tokens, model, "all")));
    for (const [i, tokens] of some.entries()) {
      const rows = lastLayerRows(results[i]!, model).slice(0, -1);
      out.push(rows.map((row, position) => toSweep(row, tokens[position + 1]!)));
    }
  }
  return out;
}
