import type { Estimate } from "./estimate.ts";

/**
 * What one MLP does to the residual stream at the last position. Directions are those that raise a token's logit against the
 * vocabulary's mean through the final norm: its gain times (u_v - mean u).
 */
export interface LayerRedirect {
  layer: number;
  /** cos(m, direction of the answer). */
  answerCosine: Estimate;
  /** cos(m, direction of the answer minus the candidates' mean direction): this answer rather than any answer of the task. */
  answerAmongCandidatesCosine: Estimate;
  /** cos(m, the candidates' mean direction): any answer of the task. */
  candidatesCosine: Estimate;
  /** Change of the centred lens logit from resid_mid to resid_post, each with its own norm scale. */
  answerChange: Estimate;
  subjectChange: Estimate;
  /** -subjectChange: above 0 the MLP erases the argument. */
  eraseIndex: Estimate;
  /** The same changes of the plain lens logits, without taking the vocabulary's mean away. */
  answerLogitChange: Estimate;
  subjectLogitChange: Estimate;
  /** Direct logit attribution of the MLP's output under the final, frozen norm: what it writes itself, whatever the norm does. */
  answerDirect: Estimate;
  subjectDirect: Estimate;
  /** |m| / |resid_mid|. */
  normRatio: Estimate;
}

export interface RedirectReport {
  prompts: number;
  /** Vectors are centred over d_model before their lengths are taken (LayerNorm models). */
  centred: boolean;
  layers: LayerRedirect[];
}
