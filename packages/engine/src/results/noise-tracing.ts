import type { Role } from "../tasks/counterfactuals/counterfactual.ts";
import type { PatchedPoint } from "./activation-patching.ts";
import type { Estimate } from "./estimate.ts";

/** Causal tracing with noise on the subject's embeddings (Meng et al. 2022). */
export interface NoiseTracingReport {
  corruption: "NOISE";
  /** Standard deviation of the noise, 3 times that of the token embedding matrix. */
  noise: number;
  draws: number;
  /** Layers of `hook_attn_out` and `hook_mlp_out` that are restored together; `hook_resid_pre` is restored in one layer. */
  window: number;
  promptsPerFact: number;
  /** p(answer), means over prompts and draws. */
  cleanProbability: Estimate;
  noisedProbability: Estimate;
  /** Mean of logit(answer) - mean logit. */
  cleanCentredLogit: Estimate;
  noisedCentredLogit: Estimate;
  /** By point, position, layer: the layer runs fastest. */
  places: {
    point: PatchedPoint;
    position: Role;
    /** Centre of the window. */
    layer: number;
    /** p(answer) of the restored run minus that of the noised run: the indirect effect of Meng et al. */
    indirectEffect: Estimate;
    /** (restored - noised) / (clean - noised) in centred logits, a ratio of means; null where the noise changes 0.1 logits or less. */
    restored: Estimate;
    pValue: number | null;
    qValue: number | null;
  }[];
}
