import type { ModelFacts } from "../../architectures/architecture.ts";
import { feedsMlp } from "../../hooks/block-order.ts";
import { type HookName, hookName, mlpReads } from "../../hooks/hook-points.ts";
import type { Edit, ForwardPass } from "../../planner/forward-pass.ts";
import type { MlpMode } from "../../results/path-patching.ts";

/** Why a model has no paths of single senders; null where it has. */
export const noPaths = ({ postNorm }: Pick<ModelFacts, "postNorm">): string | null =>
  postNorm === "none"
    ? null
    : "what a head or MLP of this model writes goes through a norm together with others before it is added, so that it has no change of its own to follow (activation patching and knock-outs are exact here)";

/** What a path starts from: a head's result or an MLP's output at one position. */
export type Sender = { kind: "head"; layer: number; head: number } | { kind: "mlp"; layer: number };

/** Where a path ends. `head` of k and v inputs is a key-value head: query heads of one group share it. */
export type Receiver =
  | { kind: "final" }
  | { kind: "mlp"; layer: number }
  | { kind: "q" | "k" | "v"; layer: number; head: number };

export const senderLabel = (sender: Sender): string =>
  sender.kind === "head" ? `L${sender.layer}H${sender.head}` : `MLP${sender.layer}`;

export function receiverLabel(receiver: Receiver): string {
  switch (receiver.kind) {
    case "final":
      return "FINAL_RESIDUAL";
    case "mlp":
      return `MLP${receiver.layer}`;
    case "q":
      return `L${receiver.layer}H${receiver.head}.q`;
    default:
      return `L${receiver.layer}KV${receiver.head}.${receiver.kind}`;
  }
}

/** Every head, then the MLP, layer by layer. */
export const allSenders = ({ layers, heads }: Pick<ModelFacts, "layers" | "heads">): Sender[] =>
  Array.from({ length: layers }, (_, layer): Sender[] => [
    ...Array.from({ length: heads }, (_, head): Sender => ({ kind: "head", layer, head })),
    { kind: "mlp", layer },
  ]).flat();

/** Every component input after a sender, layer by layer: q of query heads, k and v of key-value heads, MLP. Not the final residual. */
export function receiversAfter(
  sender: Sender,
  model: Pick<ModelFacts, "layers" | "heads" | "kvHeads" | "block">,
): Receiver[] {
  const { layers, heads, kvHeads } = model;
  const inputs = (kind: "q" | "k" | "v", layer: number, count: number) =>
    Array.from({ length: count }, (_, head): Receiver => ({ kind, layer, head }));
  return Array.from({ length: layers }, (_, layer): Receiver[] => [
    ...inputs("q", layer, heads),
    ...inputs("k", layer, kvHeads),
    ...inputs("v", layer, kvHeads),
    { kind: "mlp", layer },
  ])
    .flat()
    .filter((receiver) => reaches(sender, receiver, model));
}

/** Whether the sender comes before the receiver: in a serial block a head feeds its own layer's MLP, nothing else of its layer. */
export function reaches(sender: Sender, receiver: Receiver, model: Pick<ModelFacts, "block">): boolean {
  if (receiver.kind === "final") return true;
  if (receiver.kind === "mlp" && sender.kind === "head") return feedsMlp(sender.layer, receiver.layer, model);
  return receiver.layer > sender.layer;
}

/** The residual state a receiver reads; what changes there is the receiver's change. */
export function receiverState(receiver: Receiver, model: Pick<ModelFacts, "layers" | "block">): HookName {
  switch (receiver.kind) {
    case "final":
      return hookName("hook_resid_post", model.layers - 1);
    case "mlp":
      return hookName(mlpReads(model), receiver.layer);
    default:
      return hookName("hook_resid_pre", receiver.layer);
  }
}

/**
 * Run C of IOI's path patching (Wang et al. 2022): the clean run at a prompt's last position with the sender's output moved by `change`,
 * everything later frozen to clean but the MLPs, or the MLPs too. With all q, k and v frozen every later head writes what it wrote in the
 * clean run, so holding `hook_attn_out` is the same, and other positions cannot change.
 * @param clean the pass of the same tokens without edits
 */
export function carryPass(
  tokens: readonly number[],
  sender: Sender,
  change: Float32Array,
  mlps: MlpMode,
  clean: number,
  layers: number,
): ForwardPass & { edits: Edit[] } {
  const own = hookName(sender.kind === "head" ? "hook_attn_out" : "hook_mlp_out", sender.layer);
  const edits: Edit[] = [{ hook: own, position: -1, scale: 1, value: change }];
  const freeze = (point: "hook_attn_out" | "hook_mlp_out", from: number) => {
    for (let layer = from; layer < layers; layer++)
      edits.push({ hook: hookName(point, layer), position: -1, scale: 0, value: { pass: clean } });
  };
  freeze("hook_attn_out", sender.layer + 1);
  if (mlps === "FREEZE") freeze("hook_mlp_out", sender.kind === "head" ? sender.layer : sender.layer + 1);
  return { tokens, edits };
}

const INPUT_POINTS = {
  final: "hook_resid_post",
  mlp: "hook_mlp_in",
  q: "hook_q_input",
  k: "hook_k_input",
  v: "hook_v_input",
} as const;

/**
 * The edit of run D that gives a receiver its change. It is added to what the receiver reads in that run: for one receiver this is IOI's
 * definition, as nothing before it differs from the clean run; for several, a later receiver also sees what an earlier one made of its
 * change, so that all receivers of a sender together are activation patching.
 */
export function receiverEdit(
  receiver: Receiver,
  change: Float32Array,
  position: number,
  layers: number,
): Edit {
  const layer = receiver.kind === "final" ? layers - 1 : receiver.layer;
  return {
    hook: hookName(INPUT_POINTS[receiver.kind], layer),
    ...("head" in receiver && { head: receiver.head }),
    position,
    scale: 1,
    value: change,
  };
}
