import type { ModelFacts } from "../architectures/architecture.ts";
import type { BlockStep } from "./block-step.ts";
import { needs } from "./captures.ts";
import type { PlacedMember } from "./chunk-buffers.ts";
import { knockoutMask } from "./knockouts.ts";
import type { RowBuffers } from "./row-buffers.ts";
import { attentionCalls, keyCount, queryCount } from "./variant-chunks.ts";
import type { Workspace } from "./workspace.ts";

/** Attention of a chunk's members; each gets its pattern where it asked for one. */
export async function attend(
  step: BlockStep,
  layer: number,
  placed: readonly PlacedMember[],
  bases: RowBuffers,
  workspace: Workspace,
  { heads }: ModelFacts,
): Promise<void> {
  for (const call of attentionCalls(placed, layer)) {
    const members = call.members as PlacedMember[];
    const sequences = members.map(({ sequence }) => sequence);
    const { sequence: first, rows, queriesAt, keysAt } = members[0]!;
    const withPattern = needs(sequences, layer, "attn.hook_pattern");
    const past = rows.keysFrom!;
    const mask = call.masked ? knockoutMask(sequences, layer, heads, rows.queriesFrom) : null;
    const shape = {
      prompts: call.prompts,
      variants: call.variants,
      queries: queryCount(members[0]!),
      keys: keyCount(members[0]!),
      past,
    };
    const pattern =
      past === 0
        ? await step.denseAttention(
            { queries: queriesAt, keys: keysAt },
            members.length,
            first.length,
            withPattern,
            mask,
          )
        : await step.suffixAttention(
            { queries: queriesAt, keys: keysAt },
            shape,
            workspace.gatherKeys(bases, pastRows(members, shape)),
            withPattern,
            mask,
          );
    if (!pattern) continue;
    const size = pattern.length / members.length;
    for (const [i, member] of members.entries())
      member.pattern = {
        data: pattern.subarray(i * size, (i + 1) * size),
        own: shape.queries,
        all: first.length,
      };
  }
}

/** Rows of the bases' positions before the variants' own, one base after the other. */
function pastRows(
  members: readonly PlacedMember[],
  { prompts, variants, past }: { prompts: number; variants: number; past: number },
): Int32Array {
  const rows = new Int32Array(prompts * past);
  for (let i = 0; i < prompts; i++)
    rows.set(members[i * variants]!.sequence.base!.rows.subarray(0, past), i * past);
  return rows;
}
