import type { LinearSpec, NormSpec } from "./architecture.ts";

/** A Linear of PyTorch, `[out, in]`, and its bias if it has one. */
export const linear = (name: string, bias: boolean): LinearSpec => ({
  weight: `${name}.weight`,
  ...(bias && { bias: `${name}.bias` }),
  layout: "out_in",
});

export const layerNorm = (name: string): NormSpec => ({ weight: `${name}.weight`, bias: `${name}.bias` });

export const rmsNorm = (name: string): NormSpec => ({ weight: `${name}.weight` });
