import type { ModelFacts } from "../architectures/architecture.ts";
import type { BlockPoint } from "../hooks/hook-points.ts";
import type { Batch, RowCosts } from "./batches.ts";
import { chunkRows } from "./block-step.ts";
import { rowWidth } from "./row-buffers.ts";

const BASE_POINTS = [
  "hook_resid_pre",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_z",
  "hook_attn_out",
  "hook_resid_mid",
  "hook_mlp_out",
  "hook_resid_post",
] as const satisfies readonly BlockPoint[];

const numbersOf = (points: readonly BlockPoint[], facts: ModelFacts): number =>
  points.reduce((sum, point) => sum + rowWidth(point, facts), 0);

/** Bytes of a base's row, with the embedding that is kept until the first block, and of a variant's residual stream. */
export const rowCosts = (facts: ModelFacts): RowCosts => ({
  base: 4 * (numbersOf(BASE_POINTS, facts) + 2 * facts.width),
  variant: 4 * facts.width,
});

/** Bytes of the chunk that moves through a block: its rows at three steps, and what the MLP's graph holds meanwhile. */
export function chunkBytes(facts: ModelFacts): number {
  const attended = numbersOf(["hook_resid_pre", "attn.hook_q", "attn.hook_k", "attn.hook_v"], facts);
  return 4 * chunkRows(facts) * (numbersOf(BASE_POINTS, facts) + 2 * attended + 3 * facts.mlpWidth);
}

/** What a budget leaves for the rows of a batch: at least a quarter, as a chunk cannot be made smaller. */
export const rowBudget = (facts: ModelFacts, maxMemory: number): number =>
  Math.max(maxMemory / 4, maxMemory - chunkBytes(facts));

export const batchBytes = ({ baseRows, variantRows }: Batch, costs: RowCosts): number =>
  baseRows * costs.base + variantRows * costs.variant;
