import type { BlockPoint, HookPoint } from "../hooks/hook-points.ts";

/** Steps of a block, in order. What only needs an earlier one is not taken further. */
export const STAGE = { residual: 0, attention: 1, output: 2, mlp: 3 } as const;
export type Stage = (typeof STAGE)[keyof typeof STAGE];

/** After which step of its block a hook point can be read. Input hooks are read with what they change. */
const STAGES: Readonly<Record<BlockPoint, Stage>> = {
  hook_resid_pre: STAGE.residual,
  "ln1.hook_scale": STAGE.residual,
  hook_q_input: STAGE.attention,
  hook_k_input: STAGE.attention,
  hook_v_input: STAGE.attention,
  "attn.hook_q": STAGE.attention,
  "attn.hook_k": STAGE.attention,
  "attn.hook_v": STAGE.attention,
  "attn.hook_pattern": STAGE.attention,
  "attn.hook_z": STAGE.attention,
  "attn.hook_result": STAGE.attention,
  "ln1_post.hook_scale": STAGE.attention,
  hook_attn_out: STAGE.output,
  hook_resid_mid: STAGE.output,
  "ln2.hook_scale": STAGE.output,
  hook_mlp_in: STAGE.mlp,
  "mlp.hook_pre": STAGE.mlp,
  "mlp.hook_post": STAGE.mlp,
  hook_mlp_out: STAGE.mlp,
  hook_resid_post: STAGE.mlp,
};

export const stageOf = (point: HookPoint): Stage => STAGES[point as BlockPoint];

/** A place in the model: the last step of a layer that something is wanted of. `layer` -1: nothing is wanted. */
export interface End {
  layer: number;
  stage: Stage;
}

export const NOWHERE: End = { layer: -1, stage: STAGE.residual };

export const later = (a: End, b: End): End =>
  a.layer > b.layer || (a.layer === b.layer && a.stage >= b.stage) ? a : b;

/** Whether a layer has to be taken to a step. */
export const reaches = (end: End, layer: number, stage: Stage): boolean =>
  end.layer > layer || (end.layer === layer && end.stage >= stage);
