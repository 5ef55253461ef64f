import { hookName, type InterventionResult, type LiveEdit, type LiveIntercept } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { Services } from "../services.ts";
import { interceptOf } from "./intercepts.ts";
import type { LiveCaller } from "./live-engine.ts";
import { checkPlace, type LivePrompt, promptInput } from "./live-prompt.ts";

export interface InterventionRequest {
  heads: readonly { layer: number; head: number; scale: number }[];
  mlps: readonly { layer: number; scale: number }[];
  /** An MLP's intercept is added alpha times to what that MLP writes. */
  intercept: { layer: number; regressors: "R1" | "R2"; alpha: number } | null;
  /** At the last position, or at all of them. */
  at: "LAST" | "ALL";
  top: number;
}

export interface Intervention extends InterventionResult {
  intercept: Omit<LiveIntercept, "vector"> | null;
  /** Token id of what is wanted to follow. */
  answerToken: number | null;
}

/** What the model says of the prompt before and after some heads and MLPs are scaled, and an intercept is added. */
export async function interveneOnPrompt(
  services: Services,
  prompt: LivePrompt,
  request: InterventionRequest,
  caller: LiveCaller,
): Promise<Intervention> {
  const { heads, mlps, intercept, at, top } = request;
  const labels = [
    ...heads.map(({ layer, head }) => `L${layer}H${head}`),
    ...mlps.map(({ layer }) => `MLP${layer}`),
  ];
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice)
    throw new ApiError("BAD_USER_INPUT", `intervention: ${twice} is given twice (allowed: each once)`);
  for (const head of heads) checkPlace(prompt, "head", head);
  for (const mlp of mlps) checkPlace(prompt, "MLP", mlp);
  if (intercept) checkPlace(prompt, "intercept of layer", intercept);
  const added = intercept && (await interceptOf(services, prompt, intercept, caller));
  const position = at === "LAST" ? { position: -1 } : {};
  const edits: LiveEdit[] = [
    ...heads.map(({ layer, head, scale }) => ({
      hook: hookName("attn.hook_z", layer),
      head,
      ...position,
      scale,
    })),
    // The intercept is a vector at the last position: it is added there, after the scaling, and nowhere else.
    ...mlps.map(({ layer, scale }) => ({ hook: hookName("hook_mlp_out", layer), ...position, scale })),
    ...(intercept && added
      ? [
          {
            hook: hookName("hook_mlp_out", intercept.layer),
            position: -1,
            scale: 1,
            value: added.vector.map((value) => intercept.alpha * value),
          },
        ]
      : []),
  ];
  const result = await prompt.ask("intervention", {
    prompt: promptInput(prompt),
    edits,
    top,
    ...(prompt.answer !== null && { answer: prompt.answer }),
  });
  const { vector: _, ...told } = added ?? { vector: null };
  return {
    ...result,
    intercept: added ? (told as Omit<LiveIntercept, "vector">) : null,
    answerToken: result.before.answer?.token ?? null,
  };
}
