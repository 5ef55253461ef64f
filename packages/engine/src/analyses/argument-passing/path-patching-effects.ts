import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import type { PathPatchingReport, ReceiverEffect, SenderEffect } from "../../results/path-patching.ts";
import { type Receiver, receiverLabel, type Sender, senderLabel } from "../../sweeps/path-patching/paths.ts";
import type { Aggregation } from "../analysis.ts";
import { CLEAN_AND_CORRUPTED, type Quotients, RatioTest } from "./activation-patching-effects.ts";

/** One pair's logit differences: clean, corrupted, and with each path patched, `[path]`. */
export interface PatchedPaths {
  clean: number;
  corrupted: number;
  patched: readonly number[];
}

/** One pair under the paper's mode, `logit` and logit minus the mean logit of the answer: clean and with each sender patched. */
export interface PaperPaths {
  centred: { clean: number; patched: readonly number[] };
  logit: { clean: number; patched: readonly number[] };
}

type Statistics = Pick<Aggregation, "bootstrap" | "settings">;
type Tested = Pick<SenderEffect, "effect" | "pValue" | "qValue">;

/** (clean - patched) / (clean - corrupted) of every path, a ratio of means over pairs; `measured[fact]`. */
export function pathEffects(
  measured: readonly (readonly PatchedPaths[])[],
  paths: number,
  context: Statistics,
): Tested[] {
  const test = new RatioTest(context);
  const effects = Array.from({ length: paths }, (_, path) => {
    const quotients: Quotients = measured.map((own) =>
      own.map(({ clean, corrupted, patched }) => ({
        change: clean - patched[path]!,
        total: clean - corrupted,
      })),
    );
    return {
      effect: test.estimate(quotients, CLEAN_AND_CORRUPTED),
      pValue: test.pValue(quotients, CLEAN_AND_CORRUPTED),
    };
  });
  return withQValues(effects);
}

export const senderEffects = (senders: readonly Sender[], effects: readonly Tested[]): SenderEffect[] =>
  senders.map((sender, i) => ({ ...place(sender), ...effects[i]! }));

export const receiverEffects = (
  receivers: readonly Receiver[],
  effects: readonly Tested[],
): ReceiverEffect[] =>
  receivers.flatMap((receiver, i) => {
    if (receiver.kind === "final") return [];
    const { kind, layer } = receiver;
    const head = "head" in receiver ? receiver.head : null;
    return [{ receiver: receiverLabel(receiver), kind, layer, head, ...effects[i]! }];
  });

/** 100 (patched - clean) / clean, of means, for the answer's centred logit and its logit; tests are those of the centred logit. */
export function paperEffects(
  measured: readonly (readonly PaperPaths[])[],
  senders: readonly Sender[],
  context: Statistics,
): PathPatchingReport["paper"] {
  const test = new RatioTest(context);
  const whatDiffers = "the clean metric is";
  const quotients = (metric: keyof PaperPaths, path: number): Quotients =>
    measured.map((own) =>
      own.map(({ [metric]: { clean, patched } }) => ({
        change: 100 * (patched[path]! - clean),
        total: clean,
      })),
    );
  const effects = senders.map((sender, path) => ({
    ...place(sender),
    percent: test.estimate(quotients("centred", path), whatDiffers),
    percentLogit: test.estimate(quotients("logit", path), whatDiffers),
    pValue: test.pValue(quotients("centred", path), whatDiffers),
  }));
  const clean = (metric: keyof PaperPaths) =>
    context.bootstrap.ratio(
      measured.map((own) => own.reduce((sum, pair) => sum + pair[metric].clean, 0)),
      measured.map((own) => own.length),
      "no pair with a counterfactual",
    );
  return {
    pairs: measured.flat().length,
    cleanCentredLogit: clean("centred"),
    cleanLogit: clean("logit"),
    senders: withQValues(effects),
  };
}

const place = (sender: Sender) => ({
  sender: senderLabel(sender),
  layer: sender.layer,
  head: sender.kind === "head" ? sender.head : null,
});

function withQValues<E extends { pValue: number | null }>(effects: readonly E[]) {
  const qValues = falseDiscoveryQ(effects.map(({ pValue }) => pValue));
  return effects.map((own, i) => ({ ...own, qValue: qValues[i] ?? null }));
}
