import type { ModelFacts } from "../architectures/architecture.ts";
import type { BlockPoint } from "../hooks/hook-points.ts";
import type { RowCosts } from "./batches.ts";
import { rowWidth } from "./row-buffers.ts";

/** Working set of a plan where none is given: enough for full chunks at every layer, small beside the weights. */
export const DEFAULT_MEMORY = 2 ** 28;

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

/** Bytes of a base's row, with the embedding that is kept until the first block, and of a variant's residual stream. */
export function rowCosts(facts: ModelFacts): RowCosts {
  const numbers = BASE_POINTS.reduce((sum, point) => sum + rowWidth(point, facts), 0);
  return { base: 4 * (numbers + 2 * facts.width), variant: 4 * facts.width };
}
