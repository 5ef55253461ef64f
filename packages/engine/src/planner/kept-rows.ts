import type { ModelFacts } from "../architectures/architecture.ts";
import { readBy } from "../hooks/hook-points.ts";
import type { Batch } from "./batches.ts";
import { editedPositions } from "./layer-rows.ts";
import { resolvePosition, type Sequence, wantsAll } from "./sequences.ts";
import { STAGE, stageOf } from "./stages.ts";

/**
 * Rows of the bases that anyone reads after the attention of a batch's last layer: captures, read-outs, sources of edits. All of an earlier
 * layer's rows are read by the next layer's attention.
 * @returns null for all rows
 */
export function keptRows(
  { bases, variants, end }: Batch,
  byIndex: ReadonlyMap<number, Sequence>,
  layer: number,
  facts: Pick<ModelFacts, "layers" | "block">,
): Int32Array | null {
  if (layer < end.layer) return null;
  const rows = new Set<number>();
  const take = (base: Sequence, positions: Iterable<number>) => {
    for (const position of positions) rows.add(base.rows[position]!);
  };
  const wanted = (s: Sequence, base: Sequence) => {
    if (s.end.layer < layer) return;
    if (wantsAll(s, layer, facts.layers)) take(base, base.rows.keys());
    else take(base, [s.length - 1]);
  };
  for (const s of bases) wanted(s, s);
  for (const s of variants) {
    wanted(s, s.base!);
    for (const edit of s.edits.get(layer) ?? []) {
      if (!edit.value || edit.value instanceof Float32Array) continue;
      if (stageOf(readBy(edit.point, facts) ?? edit.point) < STAGE.output) continue;
      const source = byIndex.get(edit.value.pass)!;
      const at = edit.value.position ?? edit.position;
      const from = at === undefined ? editedPositions(edit, s.length) : [resolvePosition(at, source.length)];
      take(source, from);
    }
  }
  return Int32Array.from([...rows].sort((a, b) => a - b));
}
