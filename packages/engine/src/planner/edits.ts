import type { ModelFacts } from "../architectures/architecture.ts";
import { type BlockPoint, readBy } from "../hooks/hook-points.ts";
import { type OwnRows, ownRow } from "./captures.ts";
import { headCount } from "./check-pass.ts";
import { editedPositions } from "./layer-rows.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { editsOf, type PointEdit, resolvePosition, type Sequence } from "./sequences.ts";

/** Where the values of edits come from: the bases of the same batch at the same layer. */
export interface EditSources {
  bases: RowBuffers;
  byIndex: ReadonlyMap<number, Sequence>;
}

/**
 * Carries out a sequence's edits of one hook point on its rows; rows that nobody wants any more are not there.
 * @returns whether anything was edited
 */
export function applyEdits(
  point: BlockPoint,
  layer: number,
  sequence: Sequence,
  own: OwnRows,
  sources: EditSources,
  facts: ModelFacts,
): boolean {
  const edits = editsOf(sequence, layer, point);
  if (edits.length === 0) return false;
  const target = own.buffers.of(point);
  const source = sources.bases.of(readBy(point, facts) ?? point);
  const width = target.length / own.buffers.rows;
  for (const edit of edits) {
    const count = edit.head === undefined ? width : width / headCount(point, facts)!;
    const first = (edit.head ?? 0) * count;
    for (const position of editedPositions(edit, sequence.length)) {
      const row = ownRow(own, position);
      if (row < 0) continue;
      const at = row * width + first;
      let value: Float32Array | undefined;
      if (edit.value instanceof Float32Array) value = edit.value;
      else if (edit.value) {
        const from = sourceRow(edit, position, sources.byIndex) * width + first;
        value = source.subarray(from, from + count);
      }
      change(target.subarray(at, at + count), edit.scale, value);
    }
  }
  return true;
}

/** x <- scale * x + value, in place. */
export function change(x: Float32Array, scale: number, value: Float32Array | undefined): void {
  if (scale === 0 && value) {
    x.set(value);
    return;
  }
  for (let i = 0; i < x.length; i++) {
    const kept = scale === 0 ? 0 : scale * x[i]!;
    x[i] = value ? kept + value[i]! : kept;
  }
}

/** Row of the bases' buffers that an edit of `position` takes its value from. */
export function sourceRow(edit: PointEdit, position: number, byIndex: ReadonlyMap<number, Sequence>): number {
  const value = edit.value as { pass: number; position?: number };
  const from = byIndex.get(value.pass)!;
  return from.rows[resolvePosition(value.position ?? edit.position ?? position, from.length)]!;
}

/** hook_resid_mid of edited rows again after hook_attn_out changed, or hook_resid_post after hook_mlp_out: a sum, row by row. */
export function addRows(
  sum: Float32Array,
  a: Float32Array,
  b: Float32Array,
  row: number,
  count: number,
  width: number,
): void {
  for (let i = row * width; i < (row + count) * width; i++) sum[i] = a[i]! + b[i]!;
}
