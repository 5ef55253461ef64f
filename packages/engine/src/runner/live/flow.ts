import { EngineError } from "../../errors.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { execute } from "../../planner/execute.ts";
import type { ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { FlowEdge, LiveFlow } from "../../results/live.ts";
import type { HeadRef } from "../../sweeps/head-pairs.ts";
import { changeOf, outputCaptures } from "../../sweeps/path-patching/component-outputs.ts";
import {
  noPaths,
  type Receiver,
  reaches,
  type Sender,
  senderLabel,
} from "../../sweeps/path-patching/paths.ts";
import { type PathPatch, runPathPatches } from "../../sweeps/path-patching/run-paths.ts";
import type { OpenModel } from "../open-model.ts";
import { checkHead } from "./check-head.ts";
import { type PairOfRun, pairOfRun, shownPair } from "./pair.ts";

export interface FlowAsk {
  pair: PairOfRun;
  heads: readonly HeadRef[];
}

const FINAL: Receiver = { kind: "final" };
const MAX_HEADS = 12;

/**
 * How the subject of one prompt reaches its answer through some heads and the MLPs after them: see `FLOW_EDGE_KINDS` for what each number is.
 * @throws EngineError UNSUPPORTED_MODEL where outputs are normed before they are added; BAD_PAIR, BAD_TASK (see `pairOfRun`); BAD_INPUT
 */
export async function liveFlow(
  model: OpenModel,
  { pair: asked, heads }: FlowAsk,
  signal?: AbortSignal,
): Promise<LiveFlow> {
  const { session, tokenizer } = model;
  const { facts } = session.spec;
  const missing = noPaths(facts);
  if (missing) throw new EngineError("UNSUPPORTED_MODEL", `flow: ${missing}`);
  if (heads.length === 0 || heads.length > MAX_HEADS)
    throw new EngineError("BAD_INPUT", `heads of the flow: ${heads.length} (allowed: 1 to ${MAX_HEADS})`);
  for (const head of heads) checkHead(head, facts);
  const pair = pairOfRun(asked, model);
  const run = (passes: readonly ForwardPass[]) => execute(session, passes, { ...(signal && { signal }) });
  const query = { tokens: [pair.answer, pair.wrong] };
  const tokens = pair.clean;
  const capture = outputCaptures(facts);

  const noised = heads.map(({ layer, head }): ForwardPass => {
    const edit = { hook: hookName("attn.hook_z", layer), head, position: -1, scale: 0, value: { pass: 1 } };
    return { tokens, query, edits: [edit] };
  });
  const [clean, corrupted, ...whole] = await run([
    { tokens, query, capture },
    { tokens: pair.corrupted, query, capture },
    ...noised,
  ]);
  const effect = (patched: PassResult) => logitDiff(clean!) - logitDiff(patched);
  const senders = heads.map((head): Sender => ({ kind: "head", ...head }));
  const mlps = Array.from({ length: facts.layers }, (_, layer): Receiver & Sender => ({
    kind: "mlp",
    layer,
  }));
  const reached = mlps.filter((mlp) => senders.some((sender) => reaches(sender, mlp, facts)));
  const patch = (sender: Sender, receivers: readonly Receiver[]): PathPatch => ({
    tokens,
    position: tokens.length - 1,
    sender,
    change: changeOf(sender, clean!, "SAMPLE", { SAMPLE: corrupted! }, facts.width),
    mlps: "FREEZE",
    receiverSets: receivers.map((receiver) => [receiver]),
  });
  const listeners = senders.map((sender) => reached.filter((mlp) => reaches(sender, mlp, facts)));
  const results = await runPathPatches(
    [
      ...senders.map((sender, i) => patch(sender, [FINAL, ...listeners[i]!])),
      ...reached.map((mlp) => patch(mlp, [FINAL])),
    ],
    { query },
    run,
    facts,
  );
  const edges: FlowEdge[] = [];
  for (const [i, sender] of senders.entries()) {
    const { layer } = sender;
    const label = senderLabel(sender);
    const [direct, ...mediated] = results[i]!.patched;
    edges.push(
      { from: "subject", to: label, kind: "SUBJECT_TO_HEAD", layer, effect: effect(whole[i]!) },
      { from: label, to: "answer", kind: "HEAD_TO_ANSWER", layer, effect: effect(direct!) },
      ...listeners[i]!.map((mlp, k): FlowEdge => {
        const to = `MLP${mlp.layer}`;
        return { from: label, to, kind: "HEAD_TO_MLP", layer: mlp.layer, effect: effect(mediated[k]!) };
      }),
    );
  }
  for (const [i, { layer }] of reached.entries()) {
    const [direct] = results[senders.length + i]!.patched;
    edges.push({
      from: `MLP${layer}`,
      to: "answer",
      kind: "MLP_TO_ANSWER",
      layer,
      effect: effect(direct!),
    });
  }
  return {
    pair: shownPair(pair, tokenizer),
    clean: logitDiff(clean!),
    corrupted: logitDiff(corrupted!),
    edges,
  };
}

const logitDiff = ({ queried }: PassResult): number => queried![0]! - queried![1]!;
