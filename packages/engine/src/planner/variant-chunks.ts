import { isKnockedOut } from "./knockouts.ts";
import { type LayerRows, layerRows, type Positions } from "./layer-rows.ts";
import type { Sequence } from "./sequences.ts";
import { STAGE, type Stage } from "./stages.ts";

/** A variant and what it has to compute of a block. */
export interface Member {
  sequence: Sequence;
  rows: LayerRows;
}

/** Variants that go through a block's graphs together. */
export interface Chunk extends Steps {
  members: Member[];
}

/** What a chunk's members have in common. */
interface Steps extends Pick<LayerRows, "qkv" | "attention" | "mlp"> {
  /** How far the block has to be taken. */
  stage: Stage;
  /** Every member computes the same rows from end to end, so that they stay in one place. */
  uniform: boolean;
}

/** A run of a chunk's members that share one attention call: the same bases' past, equally many variants of each. */
export interface AttentionCall {
  members: Member[];
  prompts: number;
  variants: number;
  /** Some member has knockouts at this layer: the call needs a mask. */
  masked: boolean;
}

/** Keys of a member's attention call that are not its base's past. */
export const keyCount = ({ sequence, rows }: Member): number =>
  rows.keysFrom === null ? 0 : sequence.length - rows.keysFrom;

export const queryCount = ({ sequence, rows }: Member): number =>
  rows.keysFrom === null ? 0 : sequence.length - rows.queriesFrom;

/** Variants that have something of their own at a layer; `changedOf` gives the positions that differ before it. */
export function membersAt(
  variants: readonly Sequence[],
  layer: number,
  layers: number,
  changedOf: (s: Sequence) => Positions,
): Member[] {
  const members: Member[] = [];
  for (const sequence of variants) {
    if (sequence.idle || sequence.joinLayer > layer || sequence.end.layer < layer) continue;
    const rows = layerRows(sequence, layer, changedOf(sequence), layers);
    if (rows.input.length > 0 || rows.output.length > 0 || rows.keysFrom !== null)
      members.push({ sequence, rows });
  }
  return members;
}

/** Members of like shape side by side, cut into chunks of at most `maxRows` rows (or one member). */
export function chunksOf(members: readonly Member[], layer: number, maxRows: number): Chunk[] {
  const chunks: Chunk[] = [];
  let rows = 0;
  let kind = "";
  for (const shape of likeShapes(members, layer)) {
    for (const member of shape.members) {
      const more = rowCount(member);
      if (shape.kind !== kind || rows + more > maxRows) {
        chunks.push({ ...shape.steps, members: [] });
        [kind, rows] = [shape.kind, 0];
      }
      chunks.at(-1)!.members.push(member);
      rows += more;
    }
  }
  return chunks;
}

/** Members that can share an attention call; shapes of one kind can share all else. */
interface Shape {
  members: Member[];
  steps: Steps;
  kind: string;
}

function likeShapes(members: readonly Member[], layer: number): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const member of members) {
    const { sequence, rows } = member;
    const stage = sequence.end.layer === layer ? sequence.end.stage : STAGE.mlp;
    const { qkv, attention, mlp } = rows;
    const steps = { stage, uniform: isUniform(member), qkv, attention, mlp };
    const kind = `${stage} ${steps.uniform} ${qkv} ${attention} ${mlp}`;
    // What takes z from its base needs no attention call and lies with all others that do.
    const call = rows.keysFrom === null ? "" : `${sequence.length} ${rows.keysFrom} ${rows.queriesFrom}`;
    const shape = shapes.get(`${kind} ${call}`);
    if (shape) shape.members.push(member);
    else shapes.set(`${kind} ${call}`, { members: [member], steps, kind });
  }
  return [...shapes.values()].sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
}

const isUniform = ({ sequence, rows }: Member): boolean =>
  rows.keysFrom !== null &&
  rows.input === rows.output &&
  rows.keysFrom === rows.input[0] &&
  rows.queriesFrom === rows.keysFrom &&
  rows.input.length === sequence.length - rows.keysFrom;

const rowCount = (member: Member): number =>
  Math.max(member.rows.input.length, keyCount(member), member.rows.output.length);

/** Neighbouring bases with equally many variants share a call; passes without knockouts never share one that needs a mask. */
export function attentionCalls(members: readonly Member[], layer: number): AttentionCall[] {
  const perBase: Member[][] = [];
  for (const member of members) {
    if (member.rows.keysFrom === null) continue;
    const first = perBase.at(-1)?.[0];
    if (first && sameShape(first, member) && sharesBase(first.sequence, member.sequence))
      perBase.at(-1)!.push(member);
    else perBase.push([member]);
  }
  const calls: AttentionCall[] = [];
  for (const group of perBase) {
    const last = calls.at(-1);
    const masked = group.some(({ sequence }) => isKnockedOut(sequence, layer));
    if (
      last &&
      last.variants === group.length &&
      last.masked === masked &&
      sameShape(last.members[0]!, group[0]!)
    ) {
      last.members.push(...group);
      last.prompts++;
    } else calls.push({ members: [...group], prompts: 1, variants: group.length, masked });
  }
  return calls;
}

const sameShape = (a: Member, b: Member): boolean =>
  a.sequence.length === b.sequence.length &&
  a.rows.keysFrom === b.rows.keysFrom &&
  a.rows.queriesFrom === b.rows.queriesFrom;

const sharesBase = (a: Sequence, b: Sequence): boolean =>
  a.base === b.base && a.knockouts.size > 0 === b.knockouts.size > 0;
