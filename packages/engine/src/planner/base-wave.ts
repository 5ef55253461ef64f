import type { ModelSession } from "../session/model-session.ts";
import { BlockStep, type RotaryRows, rotaryRows } from "./block-step.ts";
import { captureBlock, needs, type PatternRows, type Results } from "./captures.ts";
import { RowBuffers } from "./row-buffers.ts";
import type { Sequence } from "./sequences.ts";

/** The unedited passes of a batch at the layer being computed, at all their positions. Variants read their sources here. */
export class BaseWave {
  readonly buffers: RowBuffers;
  private readonly rotary: RotaryRows | null;

  constructor(
    private readonly session: ModelSession,
    private readonly sequences: readonly Sequence[],
    rows: number,
  ) {
    this.buffers = new RowBuffers(rows, session.spec.facts);
    this.rotary = rotaryRows(
      session,
      sequences.flatMap((s) => s.pass.tokens.map((_, position) => position)),
    );
  }

  /** Computes block `layer` from `buffers.residPre`; all its hook points then stand in the buffers. */
  async step(layer: number, results: Results): Promise<void> {
    const { buffers, sequences } = this;
    const step = new BlockStep(this.session, layer, buffers);
    await step.attentionInput(0, buffers.rows, this.rotary);
    const patterns = new Map<Sequence, PatternRows>();
    for (const group of equalLengths(sequences)) {
      const length = group[0]!.length;
      const withPattern = needs(group, layer, "attn.hook_pattern");
      const pattern = await step.denseAttention(group[0]!.row, group.length, length, withPattern);
      if (!pattern) continue;
      const size = pattern.length / group.length;
      for (const [i, s] of group.entries()) {
        patterns.set(s, { data: pattern.subarray(i * size, (i + 1) * size), own: length, all: length });
      }
    }
    await step.attentionOutput(0, buffers.rows);
    await step.mlp(0, buffers.rows, needs(sequences, layer, "mlp.hook_pre", "mlp.hook_post"));
    for (const sequence of sequences) {
      await captureBlock(
        layer,
        { sequence, row: sequence.row },
        buffers,
        patterns.get(sequence) ?? null,
        this.session,
        results,
      );
    }
  }

  /** The block's output becomes the next block's input. */
  advance(): void {
    this.buffers.residPre.set(this.buffers.residPost);
  }
}

/** Runs of neighbours of equal length; sequences are laid out by length. */
function equalLengths(sequences: readonly Sequence[]): Sequence[][] {
  const groups: Sequence[][] = [];
  for (const s of sequences) {
    const last = groups.at(-1);
    if (last && last[0]!.length === s.length) last.push(s);
    else groups.push([s]);
  }
  return groups;
}
