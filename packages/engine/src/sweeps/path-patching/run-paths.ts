import type { ModelFacts } from "../../architectures/architecture.ts";
import type { HookName } from "../../hooks/hook-points.ts";
import type { ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { MlpMode } from "../../results/path-patching.ts";
import { type Execute, runStages, type Stages } from "../stages.ts";
import { carryPass, type Receiver, reaches, receiverEdit, receiverState, type Sender } from "./paths.ts";

/** One sender and the sets of receivers that get its change, each set in a run of its own. */
export interface PathPatch {
  tokens: readonly number[];
  /** Absolute position of the sender. Its receivers stand there too: with q, k and v frozen nothing moves between positions. */
  position: number;
  sender: Sender;
  /** What the sender's output is moved by, `[d_model]`: see `changeOf`. */
  change: Float32Array;
  mlps: MlpMode;
  receiverSets: readonly (readonly Receiver[])[];
}

/** What to keep of the clean and patched runs. */
export type Wanted = Pick<ForwardPass, "capture" | "query" | "logits">;

export interface PathResult {
  clean: PassResult;
  /** Run D of each receiver set; the clean run itself where no receiver is reached. */
  patched: PassResult[];
}

/** `pathStages`, run. */
export async function runPathPatches(
  patches: readonly PathPatch[],
  wanted: Wanted,
  execute: Execute,
  facts: Pick<ModelFacts, "layers" | "block">,
): Promise<PathResult[]> {
  return (await runStages([pathStages(patches, wanted, facts)], execute))[0]!;
}

/**
 * Exact path patching of senders to receiver sets, in two stages: first the runs that carry the sender's change to the receivers (C), then
 * the runs in which only they get it (D), everything after them recomputed. With MLPs frozen nothing happens on the way, so the change
 * arrives as it left and run C is not needed.
 */
export function* pathStages(
  patches: readonly PathPatch[],
  wanted: Wanted,
  model: Pick<ModelFacts, "layers" | "block">,
): Stages<PathResult[]> {
  const carried = yield* carry(patches, wanted, model);
  const plan: ForwardPass[] = [];
  const cleanAt = cleanPasses(
    patches.map(({ tokens }) => tokens),
    plan,
    wanted,
  );
  const at = patches.map(({ tokens, receiverSets, position }, p) =>
    receiverSets.map((_, set) => {
      const own = carried[p]![set]!;
      if ("result" in own || own.changes.length === 0) return null;
      const edits = own.changes.map(({ receiver, change }) =>
        receiverEdit(receiver, change, receiver.kind === "final" ? -1 : position, model.layers),
      );
      plan.push({ tokens, edits, ...wanted });
      return plan.length - 1;
    }),
  );
  const results = yield plan;
  return patches.map(({ tokens }, p) => {
    const clean = results[cleanAt.get(tokens.join())!]!;
    const patched = at[p]!.map((pass, set) => {
      const own = carried[p]![set]!;
      if ("result" in own) return own.result;
      return pass === null ? clean : results[pass]!;
    });
    return { clean, patched };
  });
}

/** What reaches the receivers of a set, or the finished run where it is run C itself. */
type Carried = { changes: { receiver: Receiver; change: Float32Array }[] } | { result: PassResult };

function* carry(
  patches: readonly PathPatch[],
  wanted: Wanted,
  model: Pick<ModelFacts, "layers" | "block">,
): Stages<Carried[][]> {
  const reached = patches.map(({ sender, tokens, position, receiverSets }) =>
    receiverSets.map((set) =>
      set.filter(
        (receiver) =>
          reaches(sender, receiver, model) && (receiver.kind !== "final" || position === tokens.length - 1),
      ),
    ),
  );
  const recomputed = patches.flatMap((patch, p) => (patch.mlps === "RECOMPUTE" ? [p] : []));
  const plan: ForwardPass[] = [];
  // Positions after the sender's play no part in run C: cut off there, the sender stands last.
  const cut = ({ tokens, position }: PathPatch) => tokens.slice(0, position + 1);
  const states = new Map<HookName, { hook: HookName; positions: "last" }>();
  for (const p of recomputed)
    for (const receiver of reached[p]!.flat()) {
      const hook = receiverState(receiver, model);
      states.set(hook, { hook, positions: "last" });
    }
  const cleanAt = cleanPasses(
    recomputed.map((p) => cut(patches[p]!)),
    plan,
    { capture: [...states.values()] },
  );
  const at = new Map<number, number>();
  for (const p of recomputed) {
    const { sender, change, mlps } = patches[p]!;
    const tokens = cut(patches[p]!);
    const own = new Set(reached[p]!.flat().map((receiver) => receiverState(receiver, model)));
    const capture = [...(wanted.capture ?? [])];
    for (const hook of own)
      if (!capture.some((other) => other.hook === hook)) capture.push(states.get(hook)!);
    const pass = carryPass(tokens, sender, change, mlps, cleanAt.get(tokens.join())!, model.layers);
    plan.push({ ...pass, ...wanted, capture });
    at.set(p, plan.length - 1);
  }
  const results = plan.length > 0 ? yield plan : [];
  return patches.map((patch, p) =>
    reached[p]!.map((set): Carried => {
      if (patch.mlps === "FREEZE")
        return { changes: set.map((receiver) => ({ receiver, change: patch.change })) };
      const run = results[at.get(p)!]!;
      // The final residual alone: run D would read out run C's final state.
      if (set.length === 1 && set[0]!.kind === "final") return { result: run };
      const clean = results[cleanAt.get(cut(patch).join())!]!;
      return {
        changes: set.map((receiver) => {
          const hook = receiverState(receiver, model);
          return { receiver, change: minus(run.captures.get(hook)!, clean.captures.get(hook)!) };
        }),
      };
    }),
  );
}

/** One pass without edits per distinct prompt, put into the plan. @returns where each stands */
function cleanPasses(
  prompts: readonly (readonly number[])[],
  plan: ForwardPass[],
  wanted: Wanted,
): Map<string, number> {
  const at = new Map<string, number>();
  for (const tokens of prompts) {
    const key = tokens.join();
    if (at.has(key)) continue;
    at.set(key, plan.length);
    plan.push({ tokens, ...wanted });
  }
  return at;
}

const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]!);
