import { pathFigures } from "../../figures/argument-passing.ts";
import type { MlpMode, PathPatchingReport, ReceiverEffect } from "../../results/path-patching.ts";
import {
  allSenders,
  noPaths,
  type Receiver,
  reaches,
  receiversAfter,
  type Sender,
} from "../../sweeps/path-patching/paths.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { isFound, pairsReport, usable } from "./activation-patching-effects.ts";
import { drawPairs, type Pair } from "./activation-patching-pairs.ts";
import {
  type PaperPaths,
  type PatchedPaths,
  paperEffects,
  pathEffects,
  receiverEffects,
  senderEffects,
} from "./path-patching-effects.ts";
import { FINAL, meanCorrupted, pairRuns, paperPaths, sendEach } from "./path-patching-runs.ts";

const MLP_MODES: readonly MlpMode[] = ["RECOMPUTE", "FREEZE"];

/** One pair's runs: to the final residual per MLP mode, the paper's mode, and from the mover per MLP mode. */
interface MeasuredPair {
  prompt: number;
  clean: number;
  corrupted: number;
  toFinal: PatchedPaths[];
  paper: PaperPaths;
  fromMover: PatchedPaths[];
}

/**
 * Exact path patching at the last position under subject corruption (Wang et al. 2022): what a sender does through the open paths alone. Every
 * head and MLP to the final residual with MLPs recomputed and frozen, the paper's mode, the first mover to each later component, and everything
 * before it to the MLP that listens to the mover most.
 */
export const pathPatching = defineFurther<PathPatchingReport>({
  id: "path-patching",
  title: "Path patching",
  mechanism: "argument passing",
  summary: "Which heads and MLPs act on the answer directly, and which later components the mover speaks to.",
  corruption: "SUBJECT",
  standard: false,
  figures: pathFigures,
  lacks: noPaths,

  async run(context) {
    const { pairs, drops } = drawPairs("SUBJECT", context);
    const senders = allSenders(context.model);
    const mover = firstMover(context);
    const receivers = mover ? receiversAfter(mover, context.model) : [];
    const measured = await measure(pairs, senders, mover, receivers, context);
    const used = usable(measured);
    const fromMover = MLP_MODES.map((mlps, mode) => {
      const own = used.map((fact) => fact.map((pair) => pair.fromMover[mode]!));
      return { mlps, receivers: receiverEffects(receivers, pathEffects(own, receivers.length, context)) };
    });
    const listener = mostReached(fromMover[MLP_MODES.indexOf("FREEZE")]!.receivers);
    const noMover = mover ? null : "no mover was found under subject corruption";
    return {
      corruption: "SUBJECT",
      position: "last",
      ...pairsReport(measured, drops, context),
      toFinalResidual: MLP_MODES.map((mlps, mode) => {
        const own = used.map((fact) => fact.map((pair) => pair.toFinal[mode]!));
        return { mlps, senders: senderEffects(senders, pathEffects(own, senders.length, context)) };
      }),
      paper: paperEffects(
        measured.map((fact) => fact.map(({ paper }) => paper)),
        senders,
        context,
      ),
      fromMover: {
        sender: mover && `L${mover.layer}H${mover.head}`,
        reason: noMover,
        byMlps: mover ? fromMover : [],
      },
      toMlp: listener
        ? {
            receiver: listener.receiver,
            reason: null,
            senders: await feeders(pairs, listener.layer, context),
          }
        : { receiver: null, reason: noMover ?? "the mover reaches no MLP input", senders: [] },
    };
  },
});

async function measure(
  pairs: readonly (readonly Pair[])[],
  senders: readonly Sender[],
  mover: Sender | null,
  receivers: readonly Receiver[],
  context: FurtherContext,
): Promise<MeasuredPair[][]> {
  const mean = await meanCorrupted(pairs, context);
  const measured: MeasuredPair[][] = [];
  for (const fact of pairs) {
    const own: MeasuredPair[] = [];
    for (const pair of fact) {
      const runs = await pairRuns(pair, context);
      const toFinal: PatchedPaths[] = [];
      const fromMover: PatchedPaths[] = [];
      for (const mlps of MLP_MODES) {
        toFinal.push(await sendEach(pair, runs, senders, [FINAL], mlps, context));
        if (mover) fromMover.push(await sendEach(pair, runs, [mover], receivers, mlps, context));
      }
      const paper = await paperPaths(pair, runs, senders, mean, context);
      const { clean, corrupted } = toFinal[0]!;
      own.push({ prompt: pair.prompt.index, clean, corrupted, toFinal, paper, fromMover });
    }
    measured.push(own);
    context.progress(measured.length, pairs.length + 1);
  }
  return measured;
}

/** Everything that stands before an MLP, to its input, MLPs on the way frozen. */
async function feeders(pairs: readonly (readonly Pair[])[], layer: number, context: FurtherContext) {
  const receiver: Receiver = { kind: "mlp", layer };
  const senders = allSenders(context.model).filter((sender) => reaches(sender, receiver, context.model));
  const measured: PatchedPaths[][] = [];
  for (const fact of pairs) {
    const own: PatchedPaths[] = [];
    for (const pair of fact) {
      const runs = await pairRuns(pair, context);
      own.push(await sendEach(pair, runs, senders, [receiver], "FREEZE", context));
    }
    measured.push(own);
  }
  return senderEffects(senders, pathEffects(usable(measured), senders.length, context));
}

/** The mover with the largest effect of activation patching. */
function firstMover({ report }: FurtherContext): (Sender & { kind: "head" }) | null {
  const movers = report.argumentPassing.heads.filter(({ mover }) => mover);
  const first = movers.sort((a, b) => a.rank - b.rank)[0];
  return first ? { kind: "head", layer: first.layer, head: first.head } : null;
}

/** The MLP input through which the mover does most, if it demonstrably does anything through one. */
const mostReached = (receivers: readonly ReceiverEffect[]): ReceiverEffect | null =>
  receivers
    .filter((receiver) => receiver.kind === "mlp" && isFound(receiver))
    .sort((a, b) => b.effect.value! - a.effect.value!)[0] ?? null;
