import type { PassResult } from "../../planner/forward-pass.ts";
import type { MlpMode } from "../../results/path-patching.ts";
import {
  changeOf,
  MeanOutputs,
  outputCaptures,
  type Replacements,
} from "../../sweeps/path-patching/component-outputs.ts";
import type { Receiver, Sender } from "../../sweeps/path-patching/paths.ts";
import { type PathPatch, runPathPatches } from "../../sweeps/path-patching/run-paths.ts";
import type { FurtherContext } from "../further.ts";
import { centredLogits, finalState } from "./activation-patching-metrics.ts";
import type { Pair } from "./activation-patching-pairs.ts";
import type { PaperPaths, PatchedPaths } from "./path-patching-effects.ts";

type Model = Pick<FurtherContext, "execute" | "model" | "instruments">;

/** A pair's clean and corrupted runs with every component's output at the last position. */
export interface PairRuns {
  clean: PassResult;
  corrupted: PassResult;
}

export const FINAL: Receiver = { kind: "final" };

export async function pairRuns(pair: Pair, { execute, model }: Model): Promise<PairRuns> {
  const capture = outputCaptures(model);
  const query = metricTokens(pair);
  const [clean, corrupted] = await execute([
    { tokens: pair.prompt.tokens, capture, query },
    { tokens: pair.counterfactual.tokens, capture, query },
  ]);
  return { clean: clean!, corrupted: corrupted! };
}

/** Mean output of every component over the corrupted runs of all pairs, at the last position of each. */
export async function meanCorrupted(
  pairs: readonly (readonly Pair[])[],
  { execute, model }: Model,
): Promise<Replacements["MEAN_CORRUPTED"]> {
  const mean = new MeanOutputs();
  for (const own of pairs) {
    const capture = outputCaptures(model);
    const results = await execute(own.map(({ counterfactual: { tokens } }) => ({ tokens, capture })));
    for (const result of results) mean.add(result);
  }
  return mean.mean();
}

/** Each sender to each of its receivers alone, replaced by the pair's own corrupted output. @returns metrics, `[sender][receiver]` flat */
export async function sendEach(
  pair: Pair,
  { clean, corrupted }: PairRuns,
  senders: readonly Sender[],
  receivers: readonly Receiver[],
  mlps: MlpMode,
  { execute, model }: Model,
): Promise<PatchedPaths> {
  const { tokens } = pair.prompt;
  const patches = senders.map(
    (sender): PathPatch => ({
      tokens,
      position: tokens.length - 1,
      sender,
      change: changeOf(sender, clean, "SAMPLE", { SAMPLE: corrupted }, model.width),
      mlps,
      receiverSets: receivers.map((receiver) => [receiver]),
    }),
  );
  const results = await runPathPatches(patches, { query: metricTokens(pair) }, execute, model);
  return {
    clean: logitDiff(clean),
    corrupted: logitDiff(corrupted),
    patched: results.flatMap(({ patched }) => patched.map(logitDiff)),
  };
}

/** The paper's mode: every sender replaced by its mean over the corrupted prompts, MLPs recomputed, to the final residual. */
export async function paperPaths(
  pair: Pair,
  runs: PairRuns,
  senders: readonly Sender[],
  mean: Replacements["MEAN_CORRUPTED"],
  { execute, model, instruments }: Model,
): Promise<PaperPaths> {
  const { tokens, answerToken } = pair.prompt;
  const results = await runPathPatches(
    senders.map((sender) => ({
      tokens,
      position: tokens.length - 1,
      sender,
      change: changeOf(sender, runs.clean, "MEAN_CORRUPTED", { MEAN_CORRUPTED: mean }, model.width),
      mlps: "RECOMPUTE",
      receiverSets: [[FINAL]],
    })),
    { query: { tokens: [answerToken] }, capture: [finalState(model)] },
    execute,
    model,
  );
  const all = [results[0]!.clean, ...results.map(({ patched }) => patched[0]!)];
  const [clean, ...patched] = await centredLogits(all, answerToken, instruments, model);
  const [cleanLogit, ...logits] = all.map(({ queried }) => queried![0]!);
  return {
    centred: { clean: clean!, patched },
    logit: { clean: cleanLogit!, patched: logits },
  };
}

const metricTokens = ({ prompt, counterfactual }: Pair) => ({
  tokens: [prompt.answerToken, counterfactual.wrongToken],
});

const logitDiff = ({ queried }: PassResult): number => queried![0]! - queried![1]!;
