import type { Edit, ForwardPass, Positions } from "../../../src/planner/forward-pass.ts";
import { concatenated, type Rows, slice } from "./vectors.ts";

/** A pass as the planner takes it; values may also be of double precision (for finite differences). */
export type ReferencePass = Omit<ForwardPass, "edits" | "capture" | "logits" | "query"> & {
  edits?: readonly (Omit<Edit, "value"> & {
    value?: ArrayLike<number> | { pass: number; position?: number };
  })[];
};
type ReferenceEdit = NonNullable<ReferencePass["edits"]>[number];

export interface ReferenceRun {
  /** Number of positions. */
  length: number;
  /** Every hook that the model has and that can be captured, at all positions, in the shapes of `PassResult.captures`. */
  hooks: Map<string, Float64Array>;
  /** `[position, vocabulary]` */
  logits: Float64Array;
}

/** One pass while it is computed: what it keeps, and what is changed in it. */
export class PassState {
  readonly hooks = new Map<string, Float64Array>();

  constructor(
    readonly pass: ReferencePass,
    private readonly sources: readonly (ReferenceRun | null)[],
  ) {}

  keep(hook: string, rows: Rows): void {
    this.hooks.set(hook, concatenated(rows));
  }

  keepNumbers(hook: string, numbers: readonly number[]): void {
    this.hooks.set(hook, Float64Array.from(numbers));
  }

  /** The rows after all edits of a hook without heads. */
  edited(hook: string, rows: Rows): Rows {
    return this.editedHead(hook, rows, hook, undefined, 1);
  }

  /** The rows after all edits of an input hook, which starts as the hook `from`: of one head (`head` of `count`), or without heads. */
  read(hook: string, rows: Rows, from: string, head?: number, count = 1): Rows {
    return this.editedHead(hook, rows, from, head, count);
  }

  /** The rows of all heads side by side, each after the edits that concern it. */
  editedByHead(hook: string, rows: Rows, count: number): Rows {
    const perHead = Array.from({ length: count }, (_, h) =>
      this.editedHead(
        hook,
        rows.map((row) => slice(row, h, count)),
        hook,
        h,
        count,
      ),
    );
    return rows.map((_, t) => concatenated(perHead.map((own) => own[t]!)));
  }

  knockedOut(layer: number, head: number, query: number, key: number): boolean {
    return (this.pass.knockouts ?? []).some(
      (k) =>
        k.layer === layer &&
        (k.head ?? head) === head &&
        fromEnd(k.query, this.pass.tokens.length) === query &&
        k.keys.includes(key),
    );
  }

  /**
   * x <- scale * x + value for every edit of `hook` in turn, at its positions. With `head` (of `count`), `rows` is what that head alone has or
   * reads. Values of other passes are theirs of the hook `from`: an input hook reads a whole row of it, any other the same head's part.
   */
  private editedHead(hook: string, rows: Rows, from: string, head: number | undefined, count: number): Rows {
    const out = rows.map((row) => row.slice());
    for (const edit of this.pass.edits ?? []) {
      if (edit.hook !== hook || (edit.head !== undefined && edit.head !== head)) continue;
      for (const [t, row] of out.entries()) {
        if (edit.position !== undefined && fromEnd(edit.position, rows.length) !== t) continue;
        const value = this.addedBy(edit, t, from, head, count);
        for (let i = 0; i < row.length; i++)
          row[i] = (edit.scale === 0 ? 0 : edit.scale * row[i]!) + (value?.[i] ?? 0);
      }
    }
    return out;
  }

  private addedBy(
    edit: ReferenceEdit,
    position: number,
    from: string,
    head: number | undefined,
    count: number,
  ): Float64Array | undefined {
    if (!edit.value) return undefined;
    if ("pass" in edit.value) {
      const source = this.sources[edit.value.pass];
      if (!source) throw new Error(`pass ${edit.value.pass} is edited or missing`);
      const data = source.hooks.get(from)!;
      const width = data.length / source.length;
      const at = fromEnd(edit.value.position ?? edit.position ?? position, source.length) * width;
      const row = data.slice(at, at + width);
      return head === undefined || from !== edit.hook ? row : slice(row, head, count);
    }
    const value = Float64Array.from(edit.value);
    return head === undefined || edit.head !== undefined ? value : slice(value, head, count);
  }
}

/** A hook of a run as the planner captures it: at all positions, or at the last one. */
export function captured({ hooks, length }: ReferenceRun, hook: string, positions: Positions): Float64Array {
  const data = hooks.get(hook);
  if (!data) throw new Error(`the model has no ${hook}`);
  if (positions === "all") return data;
  if (!hook.endsWith("hook_pattern")) return data.slice((data.length / length) * (length - 1));
  const heads = data.length / length ** 2;
  return concatenated(
    Array.from({ length: heads }, (_, h) =>
      data.slice(((h + 1) * length - 1) * length, (h + 1) * length ** 2),
    ),
  );
}

const fromEnd = (position: number, length: number): number => (position < 0 ? position + length : position);
