import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { absence, type BlockPoint, type HookName, parseHookName } from "../hooks/hook-points.ts";

/** Hook points that gradients are taken at, all at every position. */
export const GRADIENT_POINTS = [
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
export type GradientPoint = (typeof GRADIENT_POINTS)[number];

/** Points that no other position reads any more within their block: in the last layer only those of the last position reach the logits. */
export const isAfterAttention = (point: GradientPoint): boolean =>
  GRADIENT_POINTS.indexOf(point) >= GRADIENT_POINTS.indexOf("attn.hook_z");

export interface GradientAddress {
  hook: HookName;
  point: GradientPoint;
  layer: number;
}

/** @throws EngineError UNKNOWN_HOOK for a hook without gradients */
export function gradientAddress(hook: HookName, facts: ModelFacts): GradientAddress {
  const { point, layer } = parseHookName(hook);
  const known = GRADIENT_POINTS.find((own) => own === point);
  if (known === undefined || layer === null || layer >= facts.layers) {
    throw new EngineError(
      "UNKNOWN_HOOK",
      `gradient at ${hook}: not available (allowed: ${GRADIENT_POINTS.map((own) => `blocks.{l}.${own}`).join(", ")}, layers 0 to ${facts.layers - 1})`,
    );
  }
  const missing = absence(known, facts);
  if (missing) throw new EngineError("UNKNOWN_HOOK", `gradient at ${hook}: this model has none (${missing})`);
  return { hook, point: known, layer };
}

/** The lowest layer that a backward pass has to reach. */
export const lowestLayer = (addresses: readonly GradientAddress[], { layers }: ModelFacts): number =>
  addresses.reduce((lowest, { layer }) => Math.min(lowest, layer), layers - 1);
