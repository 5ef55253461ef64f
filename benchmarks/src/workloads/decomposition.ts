import { readFile } from "node:fs/promises";
import { centredMoments, factMoments } from "../../../packages/engine/src/analyses/mlp-activation/moments.ts";
import { nestedSolver } from "../../../packages/engine/src/math/least-squares.ts";
import { openInstruments } from "../../../packages/engine/src/session/model-instruments.ts";
import type { Workload } from "./workload.ts";

/** Prompts (frames) of one fact. */
const PROMPTS_PER_FACT = 9;

/**
 * m = sum_k w_k x_k + b of every layer's MLP over all heads up to it: the moments of all facts, one Gram matrix, one solve per layer. The
 * weights of all layers come out one after the other.
 */
export const decomposition: Workload<"decomposition"> = async (job, session) => {
  const { prompts, columns, width, layers, heads } = job;
  const file = await readFile(job.activations);
  const values = new Float32Array(file.buffer, file.byteOffset, prompts * columns * width);
  const ofPrompt = Array.from({ length: prompts }, (_, p) =>
    values.subarray(p * columns * width, (p + 1) * columns * width),
  );
  const instruments = await openInstruments(session);
  const run = async () => {
    const facts = [];
    for (let first = 0; first < prompts; first += PROMPTS_PER_FACT)
      facts.push(await factMoments(ofPrompt.slice(first, first + PROMPTS_PER_FACT), width, instruments));
    const { gram } = await centredMoments(facts, width, instruments);
    const regressors = Array.from({ length: layers * heads }, (_, i) => i);
    const weightsOf = nestedSolver(gram, regressors);
    const weights = Array.from({ length: layers }, (_, layer) => [
      ...weightsOf((layer + 1) * heads, layers * heads + layer, null),
    ]);
    return { weights: Float32Array.from(weights.flat()) };
  };
  return { run, warmUp: run };
};
