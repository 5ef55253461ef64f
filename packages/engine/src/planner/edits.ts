import type { ModelFacts } from "../architectures/architecture.ts";
import type { BlockPoint } from "../hooks/hook-points.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { type PointEdit, resolvePosition, type Sequence } from "./sequences.ts";

/** Where a sequence's own rows start in a buffer. */
export interface Placed {
  sequence: Sequence;
  row: number;
}

/**
 * Carries out a sequence's edits of one hook point: x <- scale * x + value on its rows. Sources are bases of the same batch at the
 * same layer, found in `bases`. @returns whether anything was edited
 */
export function applyEdits(
  point: BlockPoint,
  layer: number,
  { sequence, row }: Placed,
  buffers: RowBuffers,
  bases: RowBuffers,
  byIndex: ReadonlyMap<number, Sequence>,
  facts: ModelFacts,
): boolean {
  const edits = sequence.edits.get(layer)?.filter((edit) => edit.point === point) ?? [];
  const target = buffers.of(point);
  const width = target.length / buffers.rows;
  for (const edit of edits) {
    const [first, count] =
      edit.head === undefined ? [0, width] : [edit.head * facts.headWidth, facts.headWidth];
    for (const position of editedPositions(edit, sequence)) {
      const at = (row + position - sequence.start) * width + first;
      const value = valueAt(edit, position, first, count, width, bases.of(point), byIndex);
      for (let i = 0; i < count; i++) {
        const kept = edit.scale === 0 ? 0 : edit.scale * target[at + i]!;
        target[at + i] = value ? kept + value[i]! : kept;
      }
    }
  }
  return edits.length > 0;
}

function editedPositions(edit: PointEdit, sequence: Sequence): number[] {
  if (edit.position !== undefined) return [resolvePosition(edit.position, sequence.length)];
  return Array.from({ length: sequence.length }, (_, position) => position);
}

function valueAt(
  edit: PointEdit,
  position: number,
  first: number,
  count: number,
  width: number,
  source: Float32Array,
  byIndex: ReadonlyMap<number, Sequence>,
): Float32Array | undefined {
  if (!edit.value || edit.value instanceof Float32Array) return edit.value;
  const from = byIndex.get(edit.value.pass)!;
  const at =
    (from.row + (edit.position === undefined ? position : resolvePosition(edit.position, from.length))) *
      width +
    first;
  return source.subarray(at, at + count);
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
