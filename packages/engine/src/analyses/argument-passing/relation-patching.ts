import { relationFigures } from "../../figures/argument-passing.ts";
import type { RelationPatchingReport } from "../../results/relation-patching.ts";
import { defineFurther } from "../further.ts";
import { isFound, pairsReport, patchEffects, patchedArrays, usable } from "./activation-patching-effects.ts";
import { drawPairs } from "./activation-patching-pairs.ts";
import { patchPlaces } from "./activation-patching-sweep.ts";
import { interplay, noInterplay } from "./relation-patching-interplay.ts";

/**
 * Activation patching of every head's z at the last position under relation corruption: the same subject is asked for something else
 * (Chughtai et al. 2024's relation heads answer to it, argument passers do not). Metric logit(answer) - logit(the other relation's answer).
 */
export const relationPatching = defineFurther<RelationPatchingReport>({
  id: "relation-patching",
  title: "Relation patching of heads",
  mechanism: "argument passing",
  summary: "Which heads tell the last position what is asked, and how they work together with the movers.",
  corruption: "RELATION",
  standard: true,
  figures: relationFigures,

  async run(context) {
    const { pairs, drops } = drawPairs("RELATION", context);
    const { layers, heads } = context.model;
    const all = Array.from({ length: layers * heads }, (_, i) => ({
      layer: Math.floor(i / heads),
      head: i % heads,
    }));
    const reason = whyNot(context.related.length, drops);
    const patched = await patchPlaces(
      pairs,
      all.map(({ layer, head }) => ({ point: "attn.hook_z", position: "last", layer, heads: [head] })),
      context,
    );
    const effects = patchEffects(usable(patched), all.length, context);
    const report = all.map(({ layer, head }, i) => ({
      layer,
      head,
      label: `L${layer}H${head}`,
      ...effects[i]!,
      relationHead: isFound(effects[i]!),
      mover: context.report.argumentPassing.heads[i]!.mover,
    }));
    const found = report
      .filter(({ relationHead }) => relationHead)
      .sort((a, b) => b.effect.value! - a.effect.value!);
    const labels = (count: number) => Array.from({ length: count }, (_, i) => String(i));
    return {
      corruption: "RELATION",
      metric: "logit_diff",
      position: "last",
      reason,
      ...pairsReport(patched, drops, context),
      sources: drops.sources,
      alignedPairs: drops.aligned,
      heads: reason ? [] : report,
      relationHeads: found.map(({ label }) => label),
      interplay: reason ? noInterplay(reason) : await interplay(pairs, report, context),
      arrays: reason
        ? []
        : patchedArrays("relation-patching", patched, [
            { dim: "layer", labels: labels(layers) },
            { dim: "head", labels: labels(heads) },
          ]),
    };
  },
});

function whyNot(
  related: number,
  { usable: drawn, dropped }: { usable: number; dropped: { reason: string }[] },
): string | null {
  if (related === 0) return "no related task is at hand: another task about the same subjects is needed";
  if (drawn === 0)
    return `no prompt of another relation could be made (${dropped[0]?.reason ?? "no prompts"})`;
  return null;
}
