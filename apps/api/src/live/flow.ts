import { type FlowEdge, type LiveFlow, promptEffects, type RunReport } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import { checkPlace, type LivePrompt, pairOfPrompt } from "./live-prompt.ts";

/** Heads that the flow goes through where none are named. */
const USUAL_HEADS = 3;

export interface PromptFlow extends Omit<LiveFlow, "edges"> {
  heads: { layer: number; head: number }[];
  edges: (FlowEdge & { share: number | null })[];
  /** Why there are no shares. */
  reason: string | null;
}

/** How the subject reaches the answer in one prompt, through some heads; through the run's strongest if none are named. */
export async function flowOfPrompt(
  services: Services,
  prompt: LivePrompt,
  given: readonly { layer: number; head: number }[] | null,
): Promise<PromptFlow> {
  const pair = pairOfPrompt(prompt, "flow");
  for (const head of given ?? []) checkPlace(prompt, "head", head);
  const heads = given ? [...given] : await strongest(services, prompt.runId);
  const flow = await prompt.ask("flow", { pair, heads });
  const { clean, corrupted } = flow;
  const shares = promptEffects({
    clean,
    corrupted,
    noising: flow.edges.map(({ effect }) => clean - effect),
    denoising: flow.edges.map(() => corrupted),
  });
  return {
    ...flow,
    heads,
    edges: flow.edges.map((edge, i) => ({ ...edge, share: "reason" in shares ? null : shares.noising[i]! })),
    reason: "reason" in shares ? shares.reason : null,
  };
}

/** Movers by rank, then the others by rank. */
async function strongest({ prisma }: Services, runId: string) {
  const report = await prisma.runReport.findUniqueOrThrow({
    where: { runId },
    select: { argumentPassing: true },
  });
  return fromJson<RunReport["argumentPassing"]>(report.argumentPassing)
    .heads.toSorted((a, b) => Number(b.mover) - Number(a.mover) || a.rank - b.rank)
    .slice(0, USUAL_HEADS)
    .map(({ layer, head }) => ({ layer, head }));
}
