import type { ModelFacts } from "../architectures/architecture.ts";
import { type HookPoint, parseHookName } from "../hooks/hook-points.ts";
import { checkPass } from "./check-pass.ts";
import type { Edit, ForwardPass, Knockout, Positions } from "./forward-pass.ts";
import { type End, later, NOWHERE, STAGE, stageOf } from "./stages.ts";

export interface PointEdit extends Edit {
  point: HookPoint;
}
export interface PointCapture {
  point: HookPoint;
  positions: Positions;
  name: string;
}

/**
 * One pass on its way through the layers. Passes without edits and knockouts are bases. The others are variants: what they do not change is
 * their base's, so only rows that differ from it are theirs.
 */
export interface Sequence {
  /** Place in the plan; -1 for a base that nobody asked for but a variant needs. */
  index: number;
  pass: ForwardPass;
  base: Sequence | null;
  length: number;
  /** First position that can differ from the base; 0 for a base. */
  start: number;
  /** First layer that can differ from the base; 0 for a base. */
  joinLayer: number;
  /** The last thing that is wanted of this pass. */
  end: End;
  edits: ReadonlyMap<number, readonly PointEdit[]>;
  knockouts: ReadonlyMap<number, readonly Knockout[]>;
  captures: ReadonlyMap<number, readonly PointCapture[]>;
  modelCaptures: readonly PointCapture[];
  /** Of a variant: first row of its residual stream. Set when a batch is laid out. */
  row: number;
  /** Of a base: the row of each position, shared with bases that begin alike. Set when a batch is laid out. */
  rows: Int32Array;
  /** Of a variant: it changes nothing, as its values come from runs that begin alike. */
  idle: boolean;
}

/** Checks every pass and links each variant to the base it departs from. */
export function linkSequences(passes: readonly ForwardPass[], facts: ModelFacts): Sequence[] {
  const sequences = passes.map((pass, index) => {
    checkPass(pass, index, passes, facts);
    return sequence(pass, index, facts);
  });
  const bases = new Map<string, Sequence>();
  for (const s of sequences) if (isBase(s)) bases.set(s.pass.tokens.join(), s);
  const implicit: Sequence[] = [];
  const keys = new Map<readonly number[], string>();
  for (const s of sequences) {
    if (isBase(s)) continue;
    const { tokens } = s.pass;
    let key = keys.get(tokens);
    if (key === undefined) {
      key = tokens.join();
      keys.set(tokens, key);
    }
    let base = bases.get(key);
    if (!base) {
      base = sequence({ tokens: s.pass.tokens }, -1, facts);
      bases.set(key, base);
      implicit.push(base);
    }
    s.base = base;
  }
  const differences = new FirstDifferences();
  for (const s of sequences) s.idle = s.base !== null && isIdle(s, passes, differences);
  return [...sequences, ...implicit];
}

/** Positions at which prompts part, each pair looked at once. */
class FirstDifferences {
  private readonly known = new Map<readonly number[], Map<readonly number[], number>>();

  of(a: readonly number[], b: readonly number[]): number {
    let own = this.known.get(a);
    if (!own) {
      own = new Map();
      this.known.set(a, own);
    }
    let position = own.get(b);
    if (position === undefined) {
      position = 0;
      while (position < a.length && position < b.length && a[position] === b[position]) position++;
      own.set(b, position);
    }
    return position;
  }
}

/** Whether every edit puts back what stands there: values of a run that is the same up to and at that position. */
function isIdle(s: Sequence, passes: readonly ForwardPass[], differences: FirstDifferences): boolean {
  if (s.knockouts.size > 0) return false;
  return (s.pass.edits ?? []).every(({ scale, value, position }) => {
    if (scale !== 0 || !value || value instanceof Float32Array) return false;
    const { tokens } = passes[value.pass]!;
    const same = differences.of(s.base!.pass.tokens, tokens);
    // One row put at every position is never what stands there.
    if (position === undefined) return value.position === undefined && same === s.length;
    const own = resolvePosition(position, s.length);
    return own < same && resolvePosition(value.position ?? position, tokens.length) === own;
  });
}

export const isBase = (s: Sequence): boolean => !isChanged(s);

const isChanged = ({ edits, knockouts }: Pick<Sequence, "edits" | "knockouts">): boolean =>
  edits.size > 0 || knockouts.size > 0;

const NONE: readonly PointEdit[] = [];

/** Edits of one point of a sequence at a layer, in their order. */
export function editsOf(s: Sequence, layer: number, point: HookPoint): readonly PointEdit[] {
  const edits = s.edits.get(layer);
  return edits ? edits.filter((edit) => edit.point === point) : NONE;
}

/** Indices of the passes that a sequence's edits take values from. */
export const sourcesOf = (s: Sequence): number[] =>
  [...s.edits.values()]
    .flat()
    .flatMap(({ value }) => (value && !(value instanceof Float32Array) ? [value.pass] : []));

/** Whether a pass wants rows of all positions at a layer, counting the final readout to the last layer. */
export const wantsAll = (s: Sequence, layer: number, layers: number): boolean =>
  (s.captures.get(layer) ?? []).some(({ positions }) => positions === "all") ||
  (layer === layers - 1 && readsAll(s));

const readsAll = ({ pass, modelCaptures }: Sequence): boolean =>
  pass.logits === "all" ||
  modelCaptures.some(({ point, positions }) => point === "ln_final.hook_scale" && positions === "all");

const ROWLESS = new Int32Array();

function sequence(pass: ForwardPass, index: number, facts: ModelFacts): Sequence {
  const edits = new Map<number, PointEdit[]>();
  for (const edit of pass.edits ?? []) {
    const { point, layer } = parseHookName(edit.hook);
    push(edits, layer!, { ...edit, point });
  }
  const knockouts = new Map<number, Knockout[]>();
  for (const knockout of pass.knockouts ?? []) push(knockouts, knockout.layer, knockout);
  const captures = new Map<number, PointCapture[]>();
  const modelCaptures: PointCapture[] = [];
  for (const { hook, positions } of pass.capture ?? []) {
    const { point, layer } = parseHookName(hook);
    if (layer === null) modelCaptures.push({ point, positions, name: hook });
    else push(captures, layer, { point, positions, name: hook });
  }
  const length = pass.tokens.length;
  const changed = isChanged({ edits, knockouts });
  let [start, joinLayer] = changed ? [length, facts.layers] : [0, 0];
  for (const edit of pass.edits ?? [])
    start = Math.min(start, edit.position === undefined ? 0 : resolvePosition(edit.position, length));
  for (const { query } of pass.knockouts ?? []) start = Math.min(start, resolvePosition(query, length));
  for (const layer of edits.keys()) joinLayer = Math.min(joinLayer, layer);
  for (const layer of knockouts.keys()) joinLayer = Math.min(joinLayer, layer);
  return {
    index,
    pass,
    base: null,
    length,
    start,
    joinLayer,
    end: endOf(pass, captures, modelCaptures, facts),
    edits,
    knockouts,
    captures,
    modelCaptures,
    row: 0,
    rows: ROWLESS,
    idle: false,
  };
}

function endOf(
  pass: ForwardPass,
  captures: ReadonlyMap<number, readonly PointCapture[]>,
  modelCaptures: readonly PointCapture[],
  facts: ModelFacts,
): End {
  const readOut = modelCaptures.some(({ point }) => point === "ln_final.hook_scale");
  if (pass.query || pass.logits || readOut) return { layer: facts.layers - 1, stage: STAGE.mlp };
  let end = NOWHERE;
  for (const [layer, own] of captures)
    for (const { point } of own) end = later(end, { layer, stage: stageOf(point) });
  return end;
}

export const resolvePosition = (position: number, length: number): number =>
  position < 0 ? length + position : position;

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
