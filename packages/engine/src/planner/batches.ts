import { PrefixRows, PrefixTree, type Segment } from "./prefix-tree.ts";
import { isBase, type Sequence, sourcesOf } from "./sequences.ts";
import { type End, later, NOWHERE } from "./stages.ts";

/** Passes that go through the layers together. */
export interface Batch {
  bases: Sequence[];
  variants: Sequence[];
  /** Rows of the bases, by runs of shared tokens. */
  segments: Segment[];
  baseRows: number;
  variantRows: number;
  /** The last thing that is wanted of any pass. */
  end: End;
}

/** Bytes that a batch holds for each row of its bases and of its variants. */
export interface RowCosts {
  base: number;
  variant: number;
}

/**
 * Packs sequences into batches. Passes that need each other (a variant, its base, the passes its values come from) stay in one batch; a batch
 * is closed when it would exceed `maxBytes`. Where variants that share bases are more than that, the bases are computed again for every
 * part of them. Prompts that begin alike follow each other, so that a batch shares as many rows as it can.
 */
export function packBatches(sequences: readonly Sequence[], maxBytes: number, costs: RowCosts): Batch[] {
  const given = new Set<Sequence>();
  const groups = connected(sequences)
    .sort((a, b) => compareTokens(firstBase(a), firstBase(b)))
    .flatMap((whole) => parts(whole, maxBytes, costs, given));
  const batches: Sequence[][] = [];
  let [tree, variantRows] = [new PrefixTree(), 0];
  for (const group of groups) {
    const prompts = group.filter(isBase).map(({ pass }) => pass.tokens);
    const own = group.reduce((sum, s) => sum + ownRows(s), 0);
    const rows = tree.rows + tree.missing(prompts);
    if (batches.length === 0 || rows * costs.base + (variantRows + own) * costs.variant > maxBytes) {
      [tree, variantRows] = [new PrefixTree(), 0];
      batches.push([]);
    }
    for (const tokens of prompts) tree.add(tokens);
    variantRows += own;
    for (const s of group) batches.at(-1)!.push(s);
  }
  return batches.map(layOut);
}

/** Rows that a variant holds between blocks; a base's are those of the tree. */
const ownRows = (s: Sequence): number => (isBase(s) || s.idle ? 0 : s.length - s.start);

/** A group cut into parts that fit (or one variant), each with the bases that its variants need. */
function parts(
  group: readonly Sequence[],
  maxBytes: number,
  costs: RowCosts,
  given: Set<Sequence>,
): Sequence[][] {
  const variants = group.filter((s) => !isBase(s));
  if (variants.length === 0 || bytesOf(group, costs) <= maxBytes) return [[...group]];
  const bases = new Map(group.filter(isBase).map((s) => [s.index, s]));
  const out: Sequence[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  let tree = new PrefixTree();
  let own = new Map<Sequence, Sequence>();
  const needed = (s: Sequence) => [...new Set([s.base!, ...sourcesOf(s).map((index) => bases.get(index)!)])];
  for (const s of variants) {
    const missing = () => needed(s).filter((base) => !own.has(base));
    const more = () =>
      tree.missing(missing().map(({ pass }) => pass.tokens)) * costs.base + ownRows(s) * costs.variant;
    if (bytes + more() > maxBytes) {
      [own, tree, bytes] = [new Map(), new PrefixTree(), 0];
      out.push([]);
    }
    bytes += more();
    for (const base of missing()) {
      const copy = given.has(base) ? again(base) : base;
      given.add(base);
      own.set(base, copy);
      tree.add(base.pass.tokens);
      out.at(-1)!.push(copy);
    }
    s.base = own.get(s.base!)!;
    out.at(-1)!.push(s);
  }
  return out;
}

function bytesOf(group: readonly Sequence[], costs: RowCosts): number {
  const rows = new PrefixTree().missing(group.filter(isBase).map(({ pass }) => pass.tokens));
  return rows * costs.base + group.reduce((sum, s) => sum + ownRows(s), 0) * costs.variant;
}

/** A base that is computed once more for other variants; what was asked of it has been given. */
const again = (base: Sequence): Sequence => ({
  ...base,
  pass: { tokens: base.pass.tokens },
  captures: new Map(),
  modelCaptures: [],
  end: NOWHERE,
});

/** Gives every sequence its rows. Variants that can share an attention call lie next to each other. */
function layOut(sequences: readonly Sequence[]): Batch {
  const bases = sequences.filter(isBase);
  const variants = sequences.filter((s) => !isBase(s));
  const tree = new PrefixTree();
  for (const { pass } of bases) tree.add(pass.tokens);
  const segments = tree.layOut();
  const rows = new PrefixRows(segments);
  for (const s of bases) s.rows = rows.of(s.pass.tokens);
  const order = new Map(bases.map((s, i) => [s, i]));
  variants.sort(
    (a, b) =>
      a.length - b.length ||
      a.start - b.start ||
      Math.sign(a.knockouts.size) - Math.sign(b.knockouts.size) ||
      order.get(a.base!)! - order.get(b.base!)! ||
      a.joinLayer - b.joinLayer,
  );
  let variantRows = 0;
  for (const s of variants) {
    s.row = variantRows;
    variantRows += ownRows(s);
  }
  const end = sequences.reduce((last, s) => later(last, s.end), NOWHERE);
  return { bases, variants, segments, baseRows: tree.rows, variantRows, end };
}

const firstBase = (group: readonly Sequence[]): readonly number[] => group.find(isBase)!.pass.tokens;

function compareTokens(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
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
