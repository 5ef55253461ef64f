import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import type { PassResult } from "../planner/forward-pass.ts";
import type { MlpMode } from "../results/path-patching.ts";
import { metricTokens, type SweepKind } from "./changes.ts";
import { checkCorrupted } from "./check-pairs.ts";
import { changeOf, outputCaptures } from "./path-patching/component-outputs.ts";
import { noPaths, type Receiver, reaches, receiverLabel, type Sender } from "./path-patching/paths.ts";
import { pathStages } from "./path-patching/run-paths.ts";
import type { Stages } from "./stages.ts";
import { headAxis, layerAxis, type PairReading, type SweepBuilder, type SweepPair } from "./sweep.ts";

export const SENDERS = ["heads", "mlps"] as const;

export interface PathsOptions {
  kind: SweepKind;
  senders: (typeof SENDERS)[number];
  /** The set that gets each sender's change: all of them in one run. */
  receivers: readonly Receiver[];
  /** Whether MLPs on the way answer to the change; attention does not. */
  mlps: MlpMode;
}

/**
 * Exact path patching at the last position (Wang et al. 2022): every sender's output replaced, seen by the receivers alone; `[layer, head,
 * pair]` for heads, `[layer, pair]` for MLPs. A sender that stands after all receivers changes nothing: its place holds the unchanged run.
 */
export const paths: SweepBuilder<PathsOptions> = (pairs, { kind, senders, receivers, mlps }, facts) => {
  const missing = noPaths(facts);
  if (missing) throw new EngineError("UNSUPPORTED_MODEL", `sweep over paths: ${missing}`);
  if (kind !== "zero") checkCorrupted(pairs);
  checkReceivers(receivers, facts);
  const axes = senders === "heads" ? [layerAxis(facts), headAxis(facts)] : [layerAxis(facts)];
  return {
    pairs,
    axes,
    outer: axes.length,
    fullLogits: false,
    rowsPerPlace: () => (mlps === "FREEZE" ? 1 : 2),
    // Both outputs of the sender, their difference, and what arrives at each receiver.
    numbersPerPlace: facts.width * (3 + (mlps === "FREEZE" ? 0 : 2 * receivers.length)),
    measure,
  };

  function* measure(pair: SweepPair, from: number, to: number): Stages<PairReading> {
    const query = metricTokens(pair);
    const capture = outputCaptures(facts);
    const prompts = [pair.clean, ...(pair.corrupted ? [pair.corrupted] : [])];
    const [clean, corrupted = null] = yield prompts.map((tokens) => ({ tokens, capture, query }));
    const [tokens, own, other] =
      kind === "denoise" ? [pair.corrupted!, corrupted!, clean!] : [pair.clean, clean!, corrupted];
    const wanted = Array.from({ length: to - from }, (_, i) => senderAt(from + i));
    const sending = wanted.filter((sender) => receivers.some((receiver) => reaches(sender, receiver, facts)));
    const patches = sending.map((sender) => ({
      tokens,
      position: tokens.length - 1,
      sender,
      change:
        kind === "zero"
          ? changeOf(sender, own, "ZERO", {}, facts.width)
          : changeOf(sender, own, "SAMPLE", { SAMPLE: other! }, facts.width),
      mlps,
      receiverSets: [receivers],
    }));
    const results = sending.length > 0 ? yield* pathStages(patches, { query }, facts) : [];
    const patched = new Map<Sender, PassResult>(
      sending.map((sender, i) => [sender, results[i]!.patched[0]!]),
    );
    return { clean: clean!, corrupted, places: wanted.map((sender) => patched.get(sender) ?? own) };
  }

  function senderAt(place: number): Sender {
    if (senders === "mlps") return { kind: "mlp", layer: place };
    return { kind: "head", layer: Math.floor(place / facts.heads), head: place % facts.heads };
  }
};

function checkReceivers(receivers: readonly Receiver[], facts: ModelFacts): void {
  if (receivers.length === 0)
    throw new EngineError("BAD_INPUT", "receivers of paths: none given (at least one expected)");
  const seen = new Set<string>();
  for (const receiver of receivers) {
    const label = receiverLabel(receiver);
    if (seen.has(label)) throw new EngineError("BAD_INPUT", `receivers of paths: ${label} is given twice`);
    seen.add(label);
    if (receiver.kind === "final") continue;
    const count = receiver.kind === "q" ? facts.heads : facts.kvHeads;
    const head = "head" in receiver ? receiver.head : 0;
    if (receiver.layer >= 0 && receiver.layer < facts.layers && head >= 0 && head < count) continue;
    throw new EngineError(
      "BAD_INPUT",
      `receivers of paths: ${label} (the model has layers 0 to ${facts.layers - 1}, heads 0 to ${facts.heads - 1}, key/value heads 0 to ${facts.kvHeads - 1})`,
    );
  }
}
