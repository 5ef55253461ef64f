import type { ModelFacts } from "../architectures/architecture.ts";
import { type HookPoint, parseHookName } from "../hooks/hook-points.ts";
import { checkPass } from "./check-pass.ts";
import type { Edit, ForwardPass, Knockout, Positions } from "./forward-pass.ts";

export interface PointEdit extends Edit {
  point: HookPoint;
}
export interface PointCapture {
  point: HookPoint;
  positions: Positions;
  name: string;
}

/**
 * One pass on its way through the layers. Passes without edits and knockouts are bases and are computed at all positions. The others are
 * variants: they share everything with their base before their first changed layer and position, so only rows from `start` on are theirs.
 */
export interface Sequence {
  /** Place in the plan; -1 for a base that nobody asked for but a variant needs. */
  index: number;
  pass: ForwardPass;
  base: Sequence | null;
  length: number;
  /** First position computed for this pass itself. */
  start: number;
  /** First layer computed for this pass itself. */
  joinLayer: number;
  /** At the join layer nothing before hook_z differs from the base: its z is taken over. */
  joinsAtZ: boolean;
  edits: ReadonlyMap<number, readonly PointEdit[]>;
  knockouts: ReadonlyMap<number, readonly Knockout[]>;
  captures: ReadonlyMap<number, readonly PointCapture[]>;
  modelCaptures: readonly PointCapture[];
  /** First row in the buffer of bases or variants; set when a batch is laid out. */
  row: number;
}

const BEFORE_Z = new Set<HookPoint>([
  "hook_resid_pre",
  "hook_q_input",
  "hook_k_input",
  "hook_v_input",
  "ln1.hook_scale",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_pattern",
]);

/** Checks every pass and links each variant to the base it departs from. */
export function linkSequences(passes: readonly ForwardPass[], facts: ModelFacts): Sequence[] {
  const sequences = passes.map((pass, index) => {
    checkPass(pass, index, passes, facts);
    return sequence(pass, index, facts);
  });
  const bases = new Map<string, Sequence>();
  for (const s of sequences) if (isBase(s)) bases.set(s.pass.tokens.join(), s);
  const implicit: Sequence[] = [];
  for (const s of sequences) {
    if (isBase(s)) continue;
    const key = s.pass.tokens.join();
    let base = bases.get(key);
    if (!base) {
      base = sequence({ tokens: s.pass.tokens }, -1, facts);
      bases.set(key, base);
      implicit.push(base);
    }
    s.base = base;
  }
  return [...sequences, ...implicit];
}

export const isBase = (s: Sequence): boolean => !isChanged(s);

const isChanged = ({ edits, knockouts }: Pick<Sequence, "edits" | "knockouts">): boolean =>
  edits.size > 0 || knockouts.size > 0;

/** Edits of one point of a sequence at a layer, in their order. */
export const editsOf = (s: Sequence, layer: number, point: HookPoint): readonly PointEdit[] =>
  s.edits.get(layer)?.filter((edit) => edit.point === point) ?? [];

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
  const everywhere =
    pass.logits === "all" || (pass.capture ?? []).some(({ positions }) => positions === "all");
  const positions = [
    ...(pass.edits ?? []).map(({ position }) => position ?? 0),
    ...(pass.knockouts ?? []).map(({ query }) => query),
  ].map((position) => resolvePosition(position, length));
  const joinLayer = Math.min(facts.layers, ...edits.keys(), ...knockouts.keys(), ...captures.keys());
  const atJoin = [...(edits.get(joinLayer) ?? []), ...(captures.get(joinLayer) ?? [])];
  const changed = isChanged({ edits, knockouts });
  return {
    index,
    pass,
    base: null,
    length,
    start: !changed || everywhere ? 0 : smallest(positions),
    joinLayer: changed ? joinLayer : 0,
    joinsAtZ: changed && !knockouts.has(joinLayer) && atJoin.every(({ point }) => !BEFORE_Z.has(point)),
    edits,
    knockouts,
    captures,
    modelCaptures,
    row: 0,
  };
}

const smallest = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));

export const resolvePosition = (position: number, length: number): number =>
  position < 0 ? length + position : position;

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
