import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";

/**
 * THE table of hook points, in TransformerLens's words: the name is the ONNX output, the capture key and the tensor name.
 * `[n, ...]` has one row per position. Equations in method order, for block l:
 * What one component alone reads of the residual stream, before its norm, is its input hook (hook_q_input, ..., hook_mlp_in): an edit there
 * changes that component and leaves the stream as it is, which is what a path patch needs.
 * mid = pre + attn_out; attn_out = sum_h result_h + b_O; result_h = z_h W_O,h; z_h = pattern_h v_h; post = mid + mlp_out.
 * Where outputs are normed before they are added (Gemma 2), attn_out and mlp_out are those that are added, and result_h is taken after that norm with its
 * scale as it is. A parallel block (GPT-NeoX) has no mid: its MLP reads pre. Where the stream itself is normed (OPT-350m), mid and post are so too.
 */
export const HOOK_POINTS = {
  hook_embed: { scope: "model", dims: ["d_model"], editable: false },
  hook_pos_embed: { scope: "model", dims: ["d_model"], editable: false },
  hook_resid_pre: { scope: "block", dims: ["d_model"], editable: true },
  hook_q_input: { scope: "block", dims: ["head", "d_model"], editable: true, reads: "hook_resid_pre" },
  hook_k_input: { scope: "block", dims: ["kv_head", "d_model"], editable: true, reads: "hook_resid_pre" },
  hook_v_input: { scope: "block", dims: ["kv_head", "d_model"], editable: true, reads: "hook_resid_pre" },
  "ln1.hook_scale": { scope: "block", dims: ["one"], editable: false },
  "attn.hook_q": { scope: "block", dims: ["head", "d_head"], editable: true },
  "attn.hook_k": { scope: "block", dims: ["kv_head", "d_head"], editable: true },
  "attn.hook_v": { scope: "block", dims: ["kv_head", "d_head"], editable: true },
  "attn.hook_pattern": { scope: "block", dims: ["head", "query", "key"], editable: false },
  "attn.hook_z": { scope: "block", dims: ["head", "d_head"], editable: true },
  "attn.hook_result": { scope: "block", dims: ["head", "d_model"], editable: false },
  "ln1_post.hook_scale": { scope: "block", dims: ["one"], editable: false },
  hook_attn_out: { scope: "block", dims: ["d_model"], editable: true },
  hook_resid_mid: { scope: "block", dims: ["d_model"], editable: true },
  hook_mlp_in: { scope: "block", dims: ["d_model"], editable: true, reads: "hook_resid_mid" },
  "ln2.hook_scale": { scope: "block", dims: ["one"], editable: false },
  "mlp.hook_pre": { scope: "block", dims: ["d_mlp"], editable: false },
  "mlp.hook_post": { scope: "block", dims: ["d_mlp"], editable: false },
  hook_mlp_out: { scope: "block", dims: ["d_model"], editable: true },
  hook_resid_post: { scope: "block", dims: ["d_model"], editable: true },
  "ln_final.hook_scale": { scope: "model", dims: ["one"], editable: false },
} as const satisfies Record<
  string,
  { scope: "model" | "block"; dims: readonly string[]; editable: boolean; reads?: string }
>;

export type HookPoint = keyof typeof HOOK_POINTS;
type PointIn<S> = { [P in HookPoint]: (typeof HOOK_POINTS)[P]["scope"] extends S ? P : never }[HookPoint];
export type BlockPoint = PointIn<"block">;
export type ModelPoint = PointIn<"model">;
export type HookName = ModelPoint | `blocks.${number}.${BlockPoint}`;

/** What the MLP reads before its norm. */
export const mlpReads = ({ block }: Pick<ModelFacts, "block">) =>
  block === "parallel" ? "hook_resid_pre" : "hook_resid_mid";

/** What an input hook (hook_q_input, ..., hook_mlp_in) holds before any edit; null for points that hold a value of their own. */
export function readBy(point: HookPoint, facts: Pick<ModelFacts, "block">): BlockPoint | null {
  if (point === "hook_mlp_in") return mlpReads(facts);
  const row = HOOK_POINTS[point];
  return "reads" in row ? row.reads : null;
}

/** Whether a point is a place of edits only, not a value of its own. */
export const isInput = (point: HookPoint): boolean => "reads" in HOOK_POINTS[point];

/** Why a model has no such point; null if it has. */
export function absence(
  point: HookPoint,
  { block, postNorm }: Pick<ModelFacts, "block" | "postNorm">,
): string | null {
  if (point === "hook_resid_mid" && block === "parallel")
    return "attention and MLP of its blocks work side by side: no state of the residual stream lies between them";
  if (point === "ln1_post.hook_scale" && postNorm !== "output")
    return "it does not norm what its attention writes";
  if (NORM_SCALES.includes(point) && postNorm === "stream")
    return "its norms stand on the residual stream, not before what reads it";
  return null;
}

const NORM_SCALES: readonly HookPoint[] = ["ln1.hook_scale", "ln2.hook_scale", "ln_final.hook_scale"];

/** `hookName("attn.hook_z", 3)` = `blocks.3.attn.hook_z`. */
export const hookName = (point: BlockPoint, layer: number): HookName => `blocks.${layer}.${point}`;

export interface HookAddress {
  point: HookPoint;
  layer: number | null;
}

/** The point and layer of a hook name; throws naming the closest allowed name. */
export function parseHookName(name: string): HookAddress {
  const block = /^blocks\.(\d+)\.(.+)$/.exec(name);
  const point = block ? block[2]! : name;
  const row = HOOK_POINTS[point as HookPoint];
  if (row && (row.scope === "block") === (block !== null)) {
    return { point: point as HookPoint, layer: block ? Number(block[1]) : null };
  }
  throw new EngineError(
    "UNKNOWN_HOOK",
    `unknown hook point: ${name} (allowed: ${hookPatterns().join(", ")})`,
  );
}

/** Every hook name with `{l}` for the layer, for messages and docs. */
export const hookPatterns = (): string[] => patterns(() => true);

/** Those that can be captured: an input hook is the point it reads plus what an edit changed. */
export const capturePatterns = (): string[] => patterns((point) => !isInput(point));

const patterns = (wanted: (point: HookPoint) => boolean): string[] =>
  Object.entries(HOOK_POINTS)
    .filter(([point]) => wanted(point as HookPoint))
    .map(([point, row]) => (row.scope === "block" ? `blocks.{l}.${point}` : point));
