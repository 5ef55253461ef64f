import type { ModelFacts } from "../architectures/architecture.ts";
import { type HookName, hookName } from "./hook-points.ts";

export interface ResidualState {
  label: string;
  layer: number;
  point: "pre" | "mid" | "post";
  /** 0 = L0.pre, 1 = after the last layer. */
  depth: number;
  hook: HookName;
}

/** States of the residual stream, each once: block l's post is block l + 1's pre. A parallel block has no state between attention and MLP. */
export function residualStates({ layers, block }: Pick<ModelFacts, "layers" | "block">): ResidualState[] {
  const state = (layer: number, point: ResidualState["point"], depth: number): ResidualState => ({
    label: `L${layer}.${point}`,
    layer,
    point,
    depth,
    hook: hookName(`hook_resid_${point}`, layer),
  });
  return [
    state(0, "pre", 0),
    ...Array.from({ length: layers }, (_, layer) => [
      ...(block === "parallel" ? [] : [state(layer, "mid", (layer + 0.5) / layers)]),
      state(layer, "post", (layer + 1) / layers),
    ]).flat(),
  ];
}
