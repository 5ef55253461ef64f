import type { ModelFacts } from "./architecture.ts";
import type { ConfigReader } from "./config-reader.ts";

/**
 * Longest prompt of a model, some of whose layers see only the last `window` positions. Inside the window they are layers like all others; beyond it
 * the graphs would be wrong, so that longer prompts are refused.
 */
export function positionsWithin(
  positions: number,
  window: number | null,
): Pick<ModelFacts, "positions" | "positionsReason"> {
  if (window === null || window >= positions) return { positions };
  return {
    positions: window,
    positionsReason: `beyond its sliding window of ${window} positions, attention would have to forget, which is not supported`,
  };
}

const LAYER_TYPES = ["full_attention", "sliding_attention"];

/** Whether `layer_types` names a layer with a sliding window; null where the key is missing. Refuses other kinds of layers. */
export function someLayerSlides(read: ConfigReader): boolean | null {
  const types = read.strings("layer_types");
  for (const type of types ?? []) read.requireValue("layer_types", type, LAYER_TYPES);
  return types?.includes("sliding_attention") ?? null;
}
