import { isBase, type Sequence } from "./sequences.ts";

export interface Batch {
  bases: Sequence[];
  variants: Sequence[];
  baseRows: number;
  variantRows: number;
}

/**
 * Packs sequences into batches that go through the layers together. Passes that need each other (a variant, its base, the passes its
 * values come from) stay in one batch; a batch is closed when its rows would exceed `maxRows`. Where variants that share bases are more than
 * that, the bases are computed again for every part of them.
 */
export function packBatches(sequences: readonly Sequence[], maxRows: number): Batch[] {
  const batches: Batch[] = [];
  const given = new Set<Sequence>();
  for (const group of connected(sequences).flatMap((whole) => parts(whole, maxRows, given))) {
    const rows = group.reduce((sum, s) => sum + ownRows(s), 0);
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
        batch.variantRows += ownRows(s);
      }
    }
  }
  for (const batch of batches) layOut(batch);
  return batches;
}

const ownRows = (s: Sequence): number => s.length - s.start;

/** A group cut into parts of at most `maxRows` rows (or one variant), each with the bases that its variants need. */
function parts(group: readonly Sequence[], maxRows: number, given: Set<Sequence>): Sequence[][] {
  if (group.reduce((sum, s) => sum + ownRows(s), 0) <= maxRows) return [[...group]];
  const bases = new Map(group.filter(isBase).map((s) => [s.index, s]));
  const variants = group.filter((s) => !isBase(s));
  const out: Sequence[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  let own = new Map<Sequence, Sequence>();
  const needed = (s: Sequence) => [s.base!, ...sourcesOf(s).map((index) => bases.get(index)!)];
  const missing = (s: Sequence) => [...new Set(needed(s))].filter((base) => !own.has(base));
  for (const s of variants) {
    const more = () => missing(s).reduce((sum, base) => sum + base.length, ownRows(s));
    if (rows + more() > maxRows) {
      own = new Map();
      out.push([]);
      rows = 0;
    }
    rows += more();
    for (const base of missing(s)) {
      const copy = given.has(base) ? again(base) : base;
      given.add(base);
      own.set(base, copy);
      out.at(-1)!.push(copy);
    }
    s.base = own.get(s.base!)!;
    out.at(-1)!.push(s);
  }
  return variants.length > 0 ? out : [[...group]];
}

/** A base that is computed once more for other variants; what was asked of it has been given. */
const again = (base: Sequence): Sequence => ({
  ...base,
  pass: { tokens: base.pass.tokens },
  captures: new Map(),
  modelCaptures: [],
});

/** Indices of the passes that a sequence's edits take values from. */
const sourcesOf = (s: Sequence): number[] =>
  [...s.edits.values()]
    .flat()
    .flatMap(({ value }) => (value && !(value instanceof Float32Array) ? [value.pass] : []));

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
      Math.sign(a.knockouts.size) - Math.sign(b.knockouts.size) ||
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
    for (const index of sourcesOf(s)) parent.set(find(s), find(byIndex.get(index)!));
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
