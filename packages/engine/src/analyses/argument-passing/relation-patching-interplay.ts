import { hookName } from "../../hooks/hook-points.ts";
import { hypergeometricTail } from "../../math/hypergeometric.ts";
import type { Edit, ForwardPass } from "../../planner/forward-pass.ts";
import { notObserved } from "../../results/estimate.ts";
import type { InterplayReport, RelationHeadReport } from "../../results/relation-patching.ts";
import type { FurtherContext } from "../further.ts";
import { centredLogits, finalState } from "./activation-patching-metrics.ts";
import type { Pair } from "./activation-patching-pairs.ts";

type Head = Pick<RelationHeadReport, "layer" | "head" | "label">;

export const noInterplay = (reason: string): InterplayReport => ({
  reason,
  shared: [],
  sharedPValue: null,
  moversPatched: notObserved(reason),
  relationHeadsPatched: notObserved(reason),
  bothPatched: notObserved(reason),
  interaction: notObserved(reason),
});

/** Patches movers with another subject, relation heads with another relation, and both: `pairs` are those of the relation. */
export async function interplay(
  pairs: readonly (readonly Pair[])[],
  heads: readonly RelationHeadReport[],
  context: FurtherContext,
): Promise<InterplayReport> {
  const movers = heads.filter(({ mover }) => mover);
  const asking = heads.filter(({ relationHead }) => relationHead);
  if (movers.length === 0) return noInterplay("no mover was found under subject corruption");
  if (asking.length === 0) return noInterplay("no relation head was found");
  const drops: { prompt: number; values: [number, number, number, number] }[][] = [];
  for (const own of pairs) drops.push(await dropsOf(own, movers, asking, context));
  const mean = (of: (values: readonly [number, number, number, number]) => number) =>
    context.bootstrap.ratio(
      drops.map((own) => own.reduce((sum, { values }) => sum + of(values), 0)),
      drops.map((own) => own.length),
      "no prompt has a donor and another relation",
    );
  const shared = movers.filter((head) => asking.includes(head));
  return {
    reason: null,
    shared: shared.map(({ label }) => label),
    sharedPValue: hypergeometricTail(shared.length, movers.length, asking.length, heads.length),
    moversPatched: mean(([movers]) => movers),
    relationHeadsPatched: mean(([, asking]) => asking),
    bothPatched: mean(([, , both]) => both),
    interaction:
      shared.length === asking.length
        ? notObserved("every relation head is a mover too: there is nothing to add to them")
        : mean(([movers, , both, onlyAsking]) => both - movers - onlyAsking),
  };
}

async function dropsOf(
  pairs: readonly Pair[],
  movers: readonly Head[],
  asking: readonly Head[],
  { execute, instruments, model }: FurtherContext,
): Promise<{ prompt: number; values: [number, number, number, number] }[]> {
  const used = pairs.filter(({ prompt }) => prompt.corrupted);
  const capture = [finalState(model)];
  const plan = used.flatMap(({ prompt, counterfactual }, i): ForwardPass[] => {
    const [subject, relation] = [7 * i + 1, 7 * i + 2];
    const from = (heads: readonly Head[], pass: number): Edit[] =>
      heads.map(({ layer, head }) => ({
        hook: hookName("attn.hook_z", layer),
        head,
        position: -1,
        scale: 0,
        value: { pass, position: -1 },
      }));
    const onlyAsking = asking.filter(({ label }) => !movers.some((mover) => mover.label === label));
    const { tokens } = prompt;
    return [
      { tokens, capture },
      { tokens: prompt.corrupted!.tokens },
      { tokens: counterfactual.tokens },
      { tokens, capture, edits: from(movers, subject) },
      { tokens, capture, edits: from(asking, relation) },
      { tokens, capture, edits: [...from(movers, subject), ...from(onlyAsking, relation)] },
      { tokens, capture, edits: from(onlyAsking, relation) },
    ];
  });
  const results = await execute(plan);
  const out: { prompt: number; values: [number, number, number, number] }[] = [];
  for (const [i, { prompt }] of used.entries()) {
    const measured = [0, 3, 4, 5, 6].map((pass) => results[7 * i + pass]!);
    const [clean, subject, relation, both, only] = await centredLogits(
      measured,
      prompt.answerToken,
      instruments,
      model,
    );
    out.push({
      prompt: prompt.index,
      values: [clean! - subject!, clean! - relation!, clean! - both!, clean! - only!],
    });
  }
  return out;
}
