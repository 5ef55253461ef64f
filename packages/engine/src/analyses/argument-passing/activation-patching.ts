import { activationFigures } from "../../figures/argument-passing.ts";
import type { ActivationPatchingReport, PatchedPoint } from "../../results/activation-patching.ts";
import { ROLES } from "../../tasks/counterfactuals/counterfactual.ts";
import { defineFurther } from "../further.ts";
import { pairsReport, patchEffects, patchedArrays, usable } from "./activation-patching-effects.ts";
import { drawPairs } from "./activation-patching-pairs.ts";
import { patchPlaces } from "./activation-patching-sweep.ts";

const POINTS: readonly PatchedPoint[] = ["hook_resid_pre", "hook_attn_out", "hook_mlp_out"];

/**
 * Activation patching layer by layer under subject corruption: the residual stream, the attention's and the MLP's output at the last
 * position, the subject's last token and the relation word, both directions, metric logit(answer) - logit(donor's answer). Positions that
 * see the same tokens in both runs have effect 0 by causality and cost no pass.
 */
export const activationPatching = defineFurther<ActivationPatchingReport>({
  id: "activation-patching",
  title: "Activation patching of layers",
  mechanism: "argument passing",
  summary: "Where along layers and positions the difference between two subjects is carried.",
  corruption: "SUBJECT",
  standard: true,
  figures: activationFigures,

  async run(context) {
    const { pairs, drops } = drawPairs("SUBJECT", context);
    const layers = Array.from({ length: context.model.layers }, (_, layer) => layer);
    const places = POINTS.flatMap((point) =>
      ROLES.flatMap((position) => layers.map((layer) => ({ point, position, layer }))),
    );
    const patched = await patchPlaces(pairs, places, context);
    const effects = patchEffects(usable(patched), places.length, context);
    return {
      corruption: "SUBJECT",
      metric: "logit_diff",
      ...pairsReport(patched, drops, context),
      places: places.map((place, i) => ({ ...place, ...effects[i]! })),
      arrays: patchedArrays("activation-patching", patched, [
        { dim: "component", labels: POINTS },
        { dim: "position", labels: ROLES },
        { dim: "layer", labels: layers.map(String) },
      ]),
    };
  },
});
