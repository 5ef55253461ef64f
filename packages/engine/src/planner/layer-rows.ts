import type { HookPoint } from "../hooks/hook-points.ts";
import { isKnockedOut } from "./knockouts.ts";
import { type PointEdit, resolvePosition, type Sequence, wantsAll } from "./sequences.ts";
import { reaches, STAGE, stageOf } from "./stages.ts";

/** Positions in ascending order; lists that are equal are often one object. */
export type Positions = readonly number[];

/** Which rows of a variant one block has to compute; all others are its base's. */
export interface LayerRows {
  /** Rows with a residual stream, q, k or v of their own. */
  input: Positions;
  /** First position of the keys and values that go into its attention call; null where z is the base's. */
  keysFrom: number | null;
  /** First position whose attention is computed. */
  queriesFrom: number;
  /** Rows of z and all that follows. */
  output: Positions;
  /** The input rows' q, k and v are computed. */
  qkv: boolean;
  /** The output rows' hook_attn_out is computed from z; otherwise edits replace it. */
  attention: boolean;
  /** The output rows' MLP is computed; otherwise edits replace hook_mlp_out. */
  mlp: boolean;
}

/**
 * What a change can reach in a block. A row's q, k and v depend on its own residual stream; a changed key or value reaches the queries at and
 * after it, a changed query only itself. In the last layer that matters only rows that are asked for are kept.
 * @param changed positions whose residual stream differs from the base's before the block
 */
export function layerRows(s: Sequence, layer: number, changed: Positions, layers: number): LayerRows {
  const rows = reachedRows(s, layer, changed, layers);
  return s.edits.has(layer) ? withoutReplaced(s, layer, rows) : rows;
}

/** Leaves out what edits replace whole, as paths do that hold attention or MLPs to another run. */
function withoutReplaced(s: Sequence, layer: number, rows: LayerRows): LayerRows {
  const captured = (points: readonly HookPoint[]) =>
    s.captures.get(layer)?.some(({ point }) => points.includes(point)) ?? false;
  const replaced = (hook: HookPoint) => {
    const edits = s.edits.get(layer)!.filter(({ point, scale }) => point === hook && scale === 0);
    if (edits.length === 0 || rows.output.length === 0) return false;
    const positions = new Set(edits.flatMap((edit) => editedPositions(edit, s.length)));
    return rows.output.every((position) => positions.has(position));
  };
  let out = rows;
  if (replaced("hook_attn_out") && !captured(OF_ATTENTION))
    out = { ...out, keysFrom: null, queriesFrom: s.length, qkv: false, attention: false };
  if (replaced("hook_mlp_out") && !captured(OF_MLP)) out = { ...out, mlp: false };
  return out;
}

const OF_ATTENTION = [
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_pattern",
  "attn.hook_z",
  "attn.hook_result",
  "ln1_post.hook_scale",
] as const satisfies readonly HookPoint[];
const OF_MLP = ["mlp.hook_pre", "mlp.hook_post"] as const satisfies readonly HookPoint[];

function reachedRows(s: Sequence, layer: number, changed: Positions, layers: number): LayerRows {
  const { length } = s;
  const edits = s.edits.get(layer);
  const knockedOut = isKnockedOut(s, layer);
  const ends = s.end.layer === layer;
  if (ends && !reaches(s.end, layer, STAGE.attention)) {
    const residual = (edits ?? []).filter(({ point }) => point === "hook_resid_pre");
    const input = residual.reduce((rows, edit) => union(rows, editedPositions(edit, length)), changed);
    return { ...NOTHING(length), input, qkv: false };
  }
  if (!edits && !knockedOut) {
    const first = changed[0];
    if (first === undefined) return NOTHING(length);
    return attended(s, layer, changed, first, suffix(first, length), layers);
  }
  let input = changed;
  let keys = changed;
  const queries = new Set<number>();
  const after = new Set<number>();
  for (const edit of edits ?? []) {
    const at = editedPositions(edit, length);
    switch (edit.point) {
      case "hook_q_input":
      case "attn.hook_q":
        input = union(input, at);
        for (const position of at) queries.add(position);
        break;
      case "hook_resid_pre":
      case "hook_k_input":
      case "hook_v_input":
      case "attn.hook_k":
      case "attn.hook_v":
        input = union(input, at);
        keys = union(keys, at);
        break;
      default:
        if (reaches(s.end, layer, stageOf(edit.point))) for (const position of at) after.add(position);
    }
  }
  for (const { query } of s.knockouts.get(layer) ?? []) queries.add(resolvePosition(query, length));
  const reached = union(keys.length > 0 ? suffix(keys[0]!, length) : NO_ROWS, sorted(queries));
  const first = union(input, reached)[0];
  if (first === undefined) return { ...NOTHING(length), output: kept(s, layer, sorted(after), layers) };
  return attended(s, layer, input, first, reached, layers, sorted(after));
}

function attended(
  s: Sequence,
  layer: number,
  input: Positions,
  first: number,
  reached: Positions,
  layers: number,
  after: Positions = NO_ROWS,
): LayerRows {
  const { length } = s;
  const output = kept(s, layer, after.length > 0 ? union(reached, after) : reached, layers);
  const pattern = s.captures.get(layer)?.filter(({ point }) => point === "attn.hook_pattern");
  let queriesFrom = after.length > 0 ? firstOf(output, new Set(reached), length) : (output[0] ?? length);
  if (pattern?.length)
    queriesFrom = pattern.some(({ positions }) => positions === "all")
      ? first
      : Math.min(queriesFrom, length - 1);
  // Nobody asks for what its attention gives; its q, k and v may still be captured.
  if (queriesFrom === length) return { ...NOTHING(length), input, output };
  // A call from the first position on has no past to attend to and takes whole prompts.
  return {
    ...NOTHING(length),
    input,
    keysFrom: first,
    queriesFrom: first === 0 ? 0 : queriesFrom,
    output,
  };
}

const firstOf = (output: Positions, reached: ReadonlySet<number>, length: number): number =>
  output.find((position) => reached.has(position)) ?? length;

/** Rows that are still of use after this block's attention. */
function kept(s: Sequence, layer: number, rows: Positions, layers: number): Positions {
  if (layer < s.end.layer || wantsAll(s, layer, layers)) return rows;
  const last = s.length - 1;
  return rows.at(-1) === last ? suffix(last, s.length) : NO_ROWS;
}

export const NO_ROWS: Positions = [];
const NOTHING = (length: number): LayerRows => ({
  input: NO_ROWS,
  keysFrom: null,
  queriesFrom: length,
  output: NO_ROWS,
  qkv: true,
  attention: true,
  mlp: true,
});

const suffixes = new Map<number, Positions[]>();

/** Positions from `start` to the end of a prompt; the same object for the same numbers. */
export function suffix(start: number, length: number): Positions {
  let own = suffixes.get(length);
  if (!own) {
    own = [];
    suffixes.set(length, own);
  }
  own[start] ??= Array.from({ length: length - start }, (_, i) => start + i);
  return own[start]!;
}

export const editedPositions = (edit: PointEdit, length: number): Positions =>
  edit.position === undefined ? suffix(0, length) : [resolvePosition(edit.position, length)];

const sorted = (positions: ReadonlySet<number>): Positions =>
  positions.size === 0 ? NO_ROWS : [...positions].sort((a, b) => a - b);

/** The larger of the two where it holds the other, so that equal lists stay one object. */
function union(a: Positions, b: Positions): Positions {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  const all = new Set([...a, ...b]);
  if (all.size === a.length) return a;
  if (all.size === b.length) return b;
  return sorted(all);
}
