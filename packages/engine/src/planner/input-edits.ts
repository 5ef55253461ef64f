import type { BlockPoint } from "../hooks/hook-points.ts";
import type { ModelSession } from "../session/model-session.ts";
import { BlockStep, CHUNK_ROWS, inChunks, rotaryRows } from "./block-step.ts";
import { type OwnRows, ownRow } from "./captures.ts";
import { headCount } from "./check-pass.ts";
import { change, type EditSources, sourceRow } from "./edits.ts";
import { editedPositions } from "./layer-rows.ts";
import { RowBuffers } from "./row-buffers.ts";
import { editsOf, type PointEdit, type Sequence } from "./sequences.ts";

const INPUTS = [
  { point: "hook_q_input", output: "attn.hook_q" },
  { point: "hook_k_input", output: "attn.hook_k" },
  { point: "hook_v_input", output: "attn.hook_v" },
] as const satisfies readonly { point: BlockPoint; output: BlockPoint }[];
type Output = (typeof INPUTS)[number]["output"];

/** A sequence with the rows of the chunk that hold its residual stream, q, k and v. */
export interface ChangedInput {
  sequence: Sequence;
  input: OwnRows;
}

interface Step {
  scale: number;
  value: Float32Array | undefined;
}

/** One head's q, k or v at one row of the chunk, and the edits of what it reads, in their order. */
interface Reader {
  output: Output;
  head: number;
  row: number;
  position: number;
  steps: Step[];
  /** Equal for readers of the same row that read the same changed row. */
  key: string;
}

/**
 * Edits of hook_q_input, hook_k_input and hook_v_input: the changed copies of hook_resid_pre go through the block's attention input as
 * rows of their own, and only the edited head's slice of q, k or v is taken over. Heads that read the same changed row share it.
 */
export class InputEdits {
  private scratch: RowBuffers | null = null;

  constructor(
    private readonly session: ModelSession,
    private readonly sources: EditSources,
  ) {}

  /** `buffers` holds hook_resid_pre and q, k, v of the chunk's rows at `layer`. */
  async apply(layer: number, placed: readonly ChangedInput[], buffers: RowBuffers): Promise<void> {
    const readers = this.readers(layer, placed);
    if (readers.length === 0) return;
    const shared = sharedRows(readers);
    await inChunks(0, shared.length, async (start, rows) => {
      await this.run(layer, shared.slice(start, start + rows), buffers);
    });
  }

  private readers(layer: number, placed: readonly ChangedInput[]): Reader[] {
    const readers = new Map<string, Reader>();
    const names = new Map<Float32Array, number>();
    for (const { sequence, input } of placed) {
      if (!sequence.edits.has(layer)) continue;
      for (const { point, output } of INPUTS) {
        const heads = headCount(point, this.session.spec.facts)!;
        for (const edit of editsOf(sequence, layer, point)) {
          const [first, end] = edit.head === undefined ? [0, heads] : [edit.head, edit.head + 1];
          for (const position of editedPositions(edit, sequence.length)) {
            const at = ownRow(input, position);
            for (let head = first; head < end; head++) {
              const id = `${output} ${head} ${at}`;
              let reader = readers.get(id);
              if (!reader) {
                reader = { output, head, row: at, position, steps: [], key: String(at) };
                readers.set(id, reader);
              }
              const { value, name } = this.valueOf(edit, position, head, names);
              reader.steps.push({ scale: edit.scale, value });
              reader.key += `|${edit.scale} ${name}`;
            }
          }
        }
      }
    }
    return [...readers.values()];
  }

  /** What an edit adds to the row that `head` reads, with a name that is equal for equal values. */
  private valueOf(
    edit: PointEdit,
    position: number,
    head: number,
    names: Map<Float32Array, number>,
  ): { value: Float32Array | undefined; name: string } {
    if (!edit.value) return { value: undefined, name: "" };
    const { width } = this.session.spec.facts;
    if (edit.value instanceof Float32Array) {
      const name = names.get(edit.value) ?? names.size;
      names.set(edit.value, name);
      if (edit.head !== undefined) return { value: edit.value, name: `value ${name}` };
      const own = edit.value.subarray(head * width, (head + 1) * width);
      return { value: own, name: `value ${name} of ${head}` };
    }
    const from = sourceRow(edit, position, this.sources.byIndex);
    return {
      value: this.sources.bases.residPre.subarray(from * width, (from + 1) * width),
      name: `row ${from}`,
    };
  }

  private async run(layer: number, groups: readonly Reader[][], buffers: RowBuffers): Promise<void> {
    const { facts } = this.session.spec;
    const { width, headWidth } = facts;
    const scratch = this.rows(groups.length);
    for (const [i, [first]] of groups.entries()) {
      const { row, steps } = first!;
      const x = scratch.residPre.subarray(i * width, (i + 1) * width);
      x.set(buffers.residPre.subarray(row * width, (row + 1) * width));
      for (const { scale, value } of steps) change(x, scale, value);
    }
    const positions = groups.map(([first]) => first!.position);
    const rotary = rotaryRows(this.session, positions);
    await new BlockStep(this.session, layer, scratch).attentionInput(0, groups.length, rotary);
    for (const [i, group] of groups.entries()) {
      for (const { output, head, row } of group) {
        const [from, to] = [scratch.of(output), buffers.of(output)];
        const perRow = headCount(output, facts)! * headWidth;
        const at = i * perRow + head * headWidth;
        to.set(from.subarray(at, at + headWidth), row * perRow + head * headWidth);
      }
    }
  }

  private rows(count: number): RowBuffers {
    if (!this.scratch || this.scratch.rows < count)
      this.scratch = new RowBuffers(
        Math.min(CHUNK_ROWS, 2 ** Math.ceil(Math.log2(count))),
        this.session.spec.facts,
      );
    return this.scratch;
  }
}

/** Readers of one changed row together. */
function sharedRows(readers: readonly Reader[]): Reader[][] {
  const groups = new Map<string, Reader[]>();
  for (const reader of readers) {
    const group = groups.get(reader.key);
    if (group) group.push(reader);
    else groups.set(reader.key, [reader]);
  }
  return [...groups.values()];
}
