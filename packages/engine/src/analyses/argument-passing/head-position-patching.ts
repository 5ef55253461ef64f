import { headPositionFigures } from "../../figures/argument-passing.ts";
import type { HeadPositionPatchingReport } from "../../results/activation-patching.ts";
import type { Role } from "../../tasks/counterfactuals/counterfactual.ts";
import { defineFurther } from "../further.ts";
import { pairsReport, patchEffects, patchedArrays, usable } from "./activation-patching-effects.ts";
import { drawPairs } from "./activation-patching-pairs.ts";
import { patchPlaces } from "./activation-patching-sweep.ts";

const POSITIONS: readonly Role[] = ["subjLast", "relLast"];

/** Activation patching of every head's z where the subject and the relation stand; the last position is in every run's report. */
export const headPositionPatching = defineFurther<HeadPositionPatchingReport>({
  id: "head-position-patching",
  title: "Activation patching of heads at subject and relation",
  mechanism: "argument passing",
  summary: "Which heads enrich the subject before its information moves to the last position.",
  corruption: "SUBJECT",
  standard: false,
  figures: headPositionFigures,

  async run(context) {
    const { pairs, drops } = drawPairs("SUBJECT", context);
    const { layers, heads } = context.model;
    const places = POSITIONS.flatMap((position) =>
      Array.from({ length: layers * heads }, (_, i) => ({
        position,
        layer: Math.floor(i / heads),
        head: i % heads,
      })),
    );
    const patched = await patchPlaces(
      pairs,
      places.map(({ position, layer, head }) => ({ point: "attn.hook_z", position, layer, heads: [head] })),
      context,
    );
    const effects = patchEffects(usable(patched), places.length, context);
    const labels = (count: number) => Array.from({ length: count }, (_, i) => String(i));
    return {
      corruption: "SUBJECT",
      metric: "logit_diff",
      ...pairsReport(patched, drops, context),
      places: places.map((place, i) => ({
        ...place,
        label: `L${place.layer}H${place.head}`,
        ...effects[i]!,
      })),
      arrays: patchedArrays("head-position-patching", patched, [
        { dim: "position", labels: POSITIONS },
        { dim: "layer", labels: labels(layers) },
        { dim: "head", labels: labels(heads) },
      ]),
    };
  },
});
