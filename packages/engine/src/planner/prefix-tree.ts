/** A run of tokens that no prompt leaves: one row per token, computed once for all prompts that pass through it. */
export interface Segment {
  /** The run before it; null at the start of a prompt. */
  parent: Segment | null;
  /** Position of its first token. */
  start: number;
  tokens: number[];
  /** First of its rows, which follow each other; set by `layOut`. */
  row: number;
}

interface Node {
  token: number;
  children: Map<number, Node>;
}

/**
 * Prompts merged by what they begin with. In a causal model a position's activations depend on the tokens up to it alone, so that equal beginnings
 * (lead-ins, demonstrations, a counterfactual up to the subject) are one computation.
 */
export class PrefixTree {
  private readonly roots = new Map<number, Node>();
  /** Distinct positions: rows to compute. */
  rows = 0;

  /** How many rows prompts would add to the tree, without adding them. */
  missing(prompts: Iterable<readonly number[]>): number {
    const added = new PrefixTree();
    let count = 0;
    for (const tokens of prompts) {
      const known = this.depth(tokens);
      const before = added.rows;
      added.add(tokens);
      // Of the rows that are new among the prompts themselves, those within the known beginning are here already.
      count += Math.min(added.rows - before, tokens.length - known);
    }
    return count;
  }

  add(tokens: readonly number[]): void {
    let level = this.roots;
    for (const token of tokens) {
      let node = level.get(token);
      if (!node) {
        node = { token, children: new Map() };
        level.set(token, node);
        this.rows++;
      }
      level = node.children;
    }
  }

  /** The tree as runs: those of equal start, length and parent next to each other, so that one attention call takes them. */
  layOut(): Segment[] {
    const segments: Segment[] = [];
    const visit = (level: ReadonlyMap<number, Node>, start: number, parent: Segment | null) => {
      for (const first of level.values()) {
        const segment: Segment = { parent, start, tokens: [first.token], row: 0 };
        let node = first;
        while (node.children.size === 1) {
          node = [...node.children.values()][0]!;
          segment.tokens.push(node.token);
        }
        segments.push(segment);
        visit(node.children, start + segment.tokens.length, segment);
      }
    };
    visit(this.roots, 0, null);
    const order = new Map(segments.map((segment, i) => [segment, i]));
    const before = (segment: Segment) => (segment.parent ? order.get(segment.parent)! : -1);
    segments.sort((a, b) => a.start - b.start || a.tokens.length - b.tokens.length || before(a) - before(b));
    let row = 0;
    for (const segment of segments) {
      segment.row = row;
      row += segment.tokens.length;
    }
    return segments;
  }

  private depth(tokens: readonly number[]): number {
    let level = this.roots;
    for (const [position, token] of tokens.entries()) {
      const node = level.get(token);
      if (!node) return position;
      level = node.children;
    }
    return tokens.length;
  }
}

/** Finds the rows of prompts in a tree that has been laid out. */
export class PrefixRows {
  private readonly starts = new Map<Segment | null, Map<number, Segment>>();

  constructor(segments: readonly Segment[]) {
    for (const segment of segments) {
      const siblings = this.starts.get(segment.parent) ?? new Map<number, Segment>();
      siblings.set(segment.tokens[0]!, segment);
      this.starts.set(segment.parent, siblings);
    }
  }

  /** The row of each position. */
  of(tokens: readonly number[]): Int32Array {
    const rows = new Int32Array(tokens.length);
    let segment: Segment | null = null;
    let position = 0;
    while (position < tokens.length) {
      segment = this.starts.get(segment)!.get(tokens[position]!)!;
      for (let i = 0; i < segment.tokens.length && position < tokens.length; i++)
        rows[position++] = segment.row + i;
    }
    return rows;
  }
}

/** Rows of the positions before a segment, in order. */
export function rowsBefore({ parent, start }: Segment): Int32Array {
  const rows = new Int32Array(start);
  for (let above = parent; above; above = above.parent)
    for (let i = 0; i < above.tokens.length; i++) rows[above.start + i] = above.row + i;
  return rows;
}
