import type { Edit, ForwardPass, Positions } from "../../src/planner/forward-pass.ts";
import { type Linear, type Norm, readWeights, type Weights } from "./reference-weights.ts";

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
  /** Every hook that can be captured, at all positions, in the shapes of `PassResult.captures`. */
  hooks: ReadonlyMap<string, Float64Array>;
  /** `[position, vocabulary]` */
  logits: Float64Array;
}

/** One vector per position. */
type Rows = Float64Array[];

/**
 * The forward pass of GPT-2, OPT and Llama written out in float64, position by position and head by head, with all edits and knockouts:
 * what the planner must compute, without its waves, suffixes, batches or graphs. It shares no code with the engine.
 *
 *     const reference = await ReferenceTransformer.open(folder);
 *     const [clean, patched] = reference.run([{ tokens }, { tokens: other, edits: [{ hook, scale: 0, value: { pass: 0 } }] }]);
 */
export class ReferenceTransformer {
  private constructor(readonly weights: Weights) {}

  static async open(folder: string): Promise<ReferenceTransformer> {
    return new ReferenceTransformer(await readWeights(folder));
  }

  /** Runs every pass in full. Edits may take values from unedited passes of the list. */
  run(passes: readonly ReferencePass[]): ReferenceRun[] {
    const runs = passes.map((pass) =>
      pass.edits?.length || pass.knockouts?.length ? null : this.runPass(pass, []),
    );
    return passes.map((pass, i) => runs[i] ?? this.runPass(pass, runs));
  }

  private runPass(pass: ReferencePass, sources: readonly (ReferenceRun | null)[]): ReferenceRun {
    const { weights } = this;
    const { heads, kvHeads } = weights;
    const { tokens } = pass;
    const group = heads / kvHeads;
    const hooks = new Map<string, Float64Array>();
    const keep = (name: string, rows: Rows) => hooks.set(name, concatenated(rows));
    /** The rows after all edits of `hook` that concern one head (`head` of `count`) or all of it. */
    const edited = (hook: string, rows: Rows, from = hook, head?: number, count = 1): Rows =>
      applyEdits(rows, pass, hook, from, head, count, sources);
    const headwise = (hook: string, rows: Rows, count: number): Rows => {
      const perHead = Array.from({ length: count }, (_, h) =>
        edited(
          hook,
          rows.map((row) => slice(row, h, count)),
          hook,
          h,
          count,
        ),
      );
      return rows.map((_, t) => concatenated(perHead.map((own) => own[t]!)));
    };

    let residual: Rows = tokens.map((id) => weights.tokens[id]!);
    keep("hook_embed", residual);
    if (weights.positions) {
      const places = tokens.map((_, t) => weights.positions![t]!);
      keep("hook_pos_embed", places);
      residual = residual.map((row, t) => add(row, places[t]!));
    }
    for (const [layer, block] of weights.blocks.entries()) {
      const at = (point: string) => `blocks.${layer}.${point}`;
      const pre = edited(at("hook_resid_pre"), residual);
      keep(at("hook_resid_pre"), pre);
      keep(
        at("ln1.hook_scale"),
        pre.map((x) => Float64Array.of(this.scale(x))),
      );

      const project = (
        part: Linear,
        input: string,
        output: string,
        count: number,
        rotates: boolean,
      ): Rows => {
        const perHead = Array.from({ length: count }, (_, h) =>
          edited(at(input), pre, at("hook_resid_pre"), h, count).map((x, t) => {
            const y = slice(apply(part, this.normed(x, block.norm1)), h, count);
            return rotates && weights.rotary ? rotated(y, t, weights.rotary) : y;
          }),
        );
        return headwise(
          at(output),
          pre.map((_, t) => concatenated(perHead.map((own) => own[t]!))),
          count,
        );
      };
      const q = project(block.q, "hook_q_input", "attn.hook_q", heads, true);
      const k = project(block.k, "hook_k_input", "attn.hook_k", kvHeads, true);
      const v = project(block.v, "hook_v_input", "attn.hook_v", kvHeads, false);
      keep(at("attn.hook_q"), q);
      keep(at("attn.hook_k"), k);
      keep(at("attn.hook_v"), v);

      const pattern = new Float64Array(heads * tokens.length ** 2);
      const z = pre.map((_, query) =>
        concatenated(
          Array.from({ length: heads }, (_, h) => {
            const kv = Math.floor(h / group);
            const own = slice(q[query]!, h, heads);
            const scores = k
              .slice(0, query + 1)
              .map((row, key) =>
                knockedOut(pass, layer, h, query, key)
                  ? Number.NEGATIVE_INFINITY
                  : dot(own, slice(row, kv, kvHeads)) / Math.sqrt(own.length),
              );
            const attention = softmax(scores);
            pattern.set(attention, (h * tokens.length + query) * tokens.length);
            const sum = new Float64Array(own.length);
            for (const [key, weight] of attention.entries()) {
              const value = slice(v[key]!, kv, kvHeads);
              for (let i = 0; i < sum.length; i++) sum[i]! += weight * value[i]!;
            }
            return sum;
          }),
        ),
      );
      hooks.set(at("attn.hook_pattern"), pattern);
      const zs = headwise(at("attn.hook_z"), z, heads);
      keep(at("attn.hook_z"), zs);
      keep(
        at("attn.hook_result"),
        zs.map((row) => this.results(row, block.out)),
      );
      const attn = edited(
        at("hook_attn_out"),
        zs.map((row) => apply(block.out, row)),
      );
      keep(at("hook_attn_out"), attn);
      const mid = edited(
        at("hook_resid_mid"),
        pre.map((row, t) => add(row, attn[t]!)),
      );
      keep(at("hook_resid_mid"), mid);

      const read = edited(at("hook_mlp_in"), mid, at("hook_resid_mid"));
      keep(
        at("ln2.hook_scale"),
        read.map((x) => Float64Array.of(this.scale(x))),
      );
      const normed = read.map((x) => this.normed(x, block.norm2));
      const { gate } = block.mlp;
      const before = normed.map((x) => apply(gate ?? block.mlp.in, x));
      const after = before.map((row, t) => {
        const active = row.map(weights.activation);
        if (!gate) return active;
        const up = apply(block.mlp.in, normed[t]!);
        return active.map((a, i) => a * up[i]!);
      });
      keep(at("mlp.hook_pre"), before);
      keep(at("mlp.hook_post"), after);
      const out = edited(
        at("hook_mlp_out"),
        after.map((row) => apply(block.mlp.out, row)),
      );
      keep(at("hook_mlp_out"), out);
      residual = edited(
        at("hook_resid_post"),
        mid.map((row, t) => add(row, out[t]!)),
      );
      keep(at("hook_resid_post"), residual);
    }
    keep(
      "ln_final.hook_scale",
      residual.map((x) => Float64Array.of(this.scale(x))),
    );
    const logits = residual.map((x) => {
      const normed = this.normed(x, weights.finalNorm);
      return Float64Array.from(weights.unembedding, (row) => dot(row, normed));
    });
    return { length: tokens.length, hooks, logits: concatenated(logits) };
  }

  private mean(x: Float64Array): number {
    return this.weights.norm === "rms" ? 0 : x.reduce((a, b) => a + b, 0) / x.length;
  }

  private scale(x: Float64Array): number {
    const mean = this.mean(x);
    return Math.sqrt(
      x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length + this.weights.epsilon,
    );
  }

  private normed(x: Float64Array, { weight, bias }: Norm): Float64Array {
    const [mean, scale] = [this.mean(x), this.scale(x)];
    return x.map((value, i) => (weight[i]! * (value - mean)) / scale + (bias?.[i] ?? 0));
  }

  /** What each head writes: W_O over that head's part of z alone, without the bias. */
  private results(z: Float64Array, out: Linear): Float64Array {
    const { heads } = this.weights;
    const size = z.length / heads;
    return concatenated(
      Array.from({ length: heads }, (_, h) => {
        const alone = z.map((value, i) => (Math.floor(i / size) === h ? value : 0));
        return apply({ rows: out.rows, bias: null }, alone);
      }),
    );
  }
}

/** A hook of a run as the planner captures it: at all positions, or at the last one. */
export function captured({ hooks, length }: ReferenceRun, hook: string, positions: Positions): Float64Array {
  const data = hooks.get(hook)!;
  if (positions === "all") return data;
  if (!hook.endsWith("hook_pattern")) return data.slice((data.length / length) * (length - 1));
  const heads = data.length / length ** 2;
  return concatenated(
    Array.from({ length: heads }, (_, h) =>
      data.slice(((h + 1) * length - 1) * length, (h + 1) * length ** 2),
    ),
  );
}

/**
 * x <- scale * x + value for every edit of `hook` in turn, at its positions. With `head` (of `count`), `rows` is what that head alone has or
 * reads. Values of other passes are theirs of the hook `from`: an input hook reads a whole row of it, any other the same head's part.
 */
function applyEdits(
  rows: Rows,
  pass: ReferencePass,
  hook: string,
  from: string,
  head: number | undefined,
  count: number,
  sources: readonly (ReferenceRun | null)[],
): Rows {
  const out = rows.map((row) => row.slice());
  for (const edit of pass.edits ?? []) {
    if (edit.hook !== hook || (edit.head !== undefined && edit.head !== head)) continue;
    for (const [t, row] of out.entries()) {
      if (edit.position !== undefined && fromEnd(edit.position, rows.length) !== t) continue;
      const value = addedBy(edit, t, from, head, count, sources);
      for (let i = 0; i < row.length; i++)
        row[i] = (edit.scale === 0 ? 0 : edit.scale * row[i]!) + (value?.[i] ?? 0);
    }
  }
  return out;
}

function addedBy(
  edit: ReferenceEdit,
  position: number,
  from: string,
  head: number | undefined,
  count: number,
  sources: readonly (ReferenceRun | null)[],
): Float64Array | undefined {
  if (!edit.value) return undefined;
  if ("pass" in edit.value) {
    const source = sources[edit.value.pass];
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

function knockedOut(pass: ReferencePass, layer: number, head: number, query: number, key: number): boolean {
  return (pass.knockouts ?? []).some(
    (k) =>
      k.layer === layer &&
      (k.head ?? head) === head &&
      fromEnd(k.query, pass.tokens.length) === query &&
      k.keys.includes(key),
  );
}

const fromEnd = (position: number, length: number): number => (position < 0 ? position + length : position);

const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const apply = ({ rows, bias }: Linear, x: Float64Array): Float64Array =>
  Float64Array.from(rows, (row, o) => dot(row, x) + (bias?.[o] ?? 0));

/** Part `index` of `count` equal parts. */
const slice = (x: Float64Array, index: number, count: number): Float64Array =>
  x.slice((index * x.length) / count, ((index + 1) * x.length) / count);

/** (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin), x1 and x2 being the halves. */
function rotated(x: Float64Array, position: number, frequencies: readonly number[]): Float64Array {
  const half = frequencies.length;
  return x.map((value, i) => {
    const angle = position * frequencies[i % half]!;
    const other = i < half ? -x[i + half]! : x[i - half]!;
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const exp = scores.map((score) => Math.exp(score - largest));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((value) => value / sum);
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
