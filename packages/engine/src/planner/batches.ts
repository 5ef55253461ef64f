import { isBase, type Sequence } from "./sequences.ts";

export interface Batch {
  bases: Sequence[];
  variants: Sequence[];
  baseRows: number;
  variantRows: number;
}

/**
 * Packs sequences into batches that go through the layers together. Passes that need each other (a variant, its base, the passes its
 * values come from) stay in one batch; a batch is closed when its rows would exceed `maxRows`.
 */
export function packBatches(sequences: readonly Sequence[], maxRows: number): Batch[] {
  const batches: Batch[] = [];
  for (const group of connected(sequences)) {
    const rows = group.reduce((sum, s) => sum + s.length - s.start, 0);
    let batch = batches.at(-1);
    if (!batch || batch.baseRows + batch.variantRows + rows > maxRows) {
      batch = { bases: [], variants: [], baseRows: 0, variantRows: 0 };
      batches.push(batch);
    }
    for (const s of group) {
      if (isBase(s)) {
        batch.bases.push(s);
        batch.baseRows += s.length;
      } else {
        batch.variants.push(s);
        batch.variantRows += s.length - s.start;
      }
    }
  }
  for (const batch of batches) layOut(batch);
  return batches;
}

/** Equal lengths and starts side by side, variants of one base together: what shares an attention call lies next to each other. */
function layOut(batch: Batch): void {
  batch.bases.sort((a, b) => a.length - b.length);
  let row = 0;
  const order = new Map<Sequence, number>();
  for (const [i, s] of batch.bases.entries()) {
    s.row = row;
    row += s.length;
    order.set(s, i);
  }
  batch.variants.sort(
    (a, b) =>
      a.length - b.length ||
      a.start - b.start ||
      order.get(a.base!)! - order.get(b.base!)! ||
      a.joinLayer - b.joinLayer,
  );
  row = 0;
  for (const s of batch.variants) {
    s.row = row;
    row += s.length - s.start;
  }
}

/** Union-find over "needs the other's numbers". */
function connected(sequences: readonly Sequence[]): Sequence[][] {
  const parent = new Map<Sequence, Sequence>(sequences.map((s) => [s, s]));
  const find = (s: Sequence): Sequence => {
    let top = s;
    while (parent.get(top) !== top) top = parent.get(top)!;
    parent.set(s, top);
    return top;
  };
  const byIndex = new Map(sequences.map((s) => [s.index, s]));
  for (const s of sequences) {
    if (s.base) parent.set(find(s), find(s.base));
    for (const edits of s.edits.values()) {
      for (const { value } of edits) {
        if (value && !(value instanceof Float32Array)) parent.set(find(s), find(byIndex.get(value.pass)!));
      }
    }
  }
  const groups = new Map<Sequence, Sequence[]>();
  for (const s of sequences) {
    const top = find(s);
    const group = groups.get(top);
    if (group) group.push(s);
    else groups.set(top, [s]);
  }
  return [...groups.values()];
}
