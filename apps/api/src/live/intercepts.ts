import type { DecompositionReport, LiveIntercept, PromptRecord, RunReport } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { fromJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import type { LiveCaller } from "./live-engine.ts";
import type { LivePrompt } from "./live-prompt.ts";

/** Vectors kept in memory, the ones last asked for; they cannot change, as runs do not. */
const KEPT = 64;
/** How far a rebuilt intercept may be from the stored length of it: what another order of additions makes of float32. */
const TOLERANCE = 1e-3;

const kept = new WeakMap<Services["live"], Map<string, Promise<LiveIntercept>>>();

/**
 * The intercept of a run's MLP as a vector. Runs store its length and read-out only: it is b = mean m - sum_k w_k mean x_k of the stored weights over
 * the prompts of the known facts, which are run again, once.
 * @throws ApiError NOT_FOUND naming the layers that were fitted; NOT_COMPARABLE where its length is not the stored one
 */
export async function interceptOf(
  services: Services,
  prompt: LivePrompt,
  { layer, regressors }: Pick<DecompositionReport, "layer" | "regressors">,
  caller: LiveCaller,
): Promise<LiveIntercept> {
  const cache = kept.get(services.live) ?? new Map<string, Promise<LiveIntercept>>();
  kept.set(services.live, cache);
  const key = `${prompt.runId} ${regressors} ${layer}`;
  const before = cache.get(key);
  cache.delete(key);
  const own = before ?? compute(services, prompt, { layer, regressors }, caller);
  cache.set(key, own);
  if (cache.size > KEPT) cache.delete(cache.keys().next().value!);
  try {
    return await own;
  } catch (error) {
    if (cache.get(key) === own) cache.delete(key);
    throw error;
  }
}

async function compute(
  { prisma, stopping }: Services,
  prompt: LivePrompt,
  { layer, regressors }: Pick<DecompositionReport, "layer" | "regressors">,
  { actor }: LiveCaller,
): Promise<LiveIntercept> {
  const { runId } = prompt;
  const report = await prisma.runReport.findUniqueOrThrow({
    where: { runId },
    select: { mlpActivation: true },
  });
  const fits = fromJson<RunReport["mlpActivation"]>(report.mlpActivation).decompositions.filter(
    (own) => own.regressors === regressors,
  );
  const fit = fits.find((own) => own.layer === layer);
  if (!fit)
    throw new ApiError(
      "NOT_FOUND",
      `intercept of layer ${layer}: the run fitted none with ${regressors} (allowed: ${fits.map((own) => own.layer).join(", ") || "none: it knew no facts"})`,
    );
  const known = await prisma.prompt.findMany({
    where: { runId, known: true },
    orderBy: { index: "asc" },
    select: { content: true },
  });
  const found = await prompt.ask(
    "intercept",
    {
      prompts: known.map(({ content }) => fromJson<PromptRecord>(content).tokens),
      layer,
      weights: fit.weights,
      centred: fit.centred,
    },
    // Others may wait for it, too: it does not end with the one who asked first.
    { actor, client: null, signal: stopping },
  );
  if (Math.abs(found.norm - fit.interceptNorm) > TOLERANCE * fit.interceptNorm)
    throw new ApiError(
      "NOT_COMPARABLE",
      `intercept of layer ${layer}: length ${found.norm.toPrecision(6)}, and the run found ${fit.interceptNorm.toPrecision(6)} (repeat the run)`,
    );
  return found;
}
