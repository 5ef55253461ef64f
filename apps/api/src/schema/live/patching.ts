import type { PatchedRow } from "@recallscope/engine";
import type { PromptPatching } from "../../live/patching.ts";
import { builder } from "../builder.ts";
import { LivePatchingPlaces } from "./inputs.ts";
import { LivePairType } from "./token.ts";

interface Row extends PatchedRow {
  patching: PromptPatching;
  index: number;
}

const valuesOf = ({ patching: { positions }, index }: Row, values: ArrayLike<number>): number[] =>
  Array.from(positions, (_, i) => values[index * positions.length + i]!);

const effect = (row: Row, name: "noising" | "denoising" | "effect"): number[] | null => {
  const { effects } = row.patching;
  return "reason" in effects ? null : valuesOf(row, effects[name]);
};

const LivePatchedRow = builder.objectRef<Row>("LivePatchedRow").implement({
  description: "Places of one kind, one at each of the `positions`.",
  fields: (t) => ({
    label: t.exposeString("label", { description: "E.g. L9H8, or mlp_out 9." }),
    point: t.exposeString("point", { description: "Hook point that is patched." }),
    layer: t.exposeInt("layer", { description: "Layer." }),
    head: t.exposeInt("head", { nullable: true, description: "Head; null for whole vectors." }),
    noising: t.floatList({
      nullable: true,
      description:
        "(clean - clean run with the corrupted value) / (clean - corrupted); null where there are no effects.",
      resolve: (row) => effect(row, "noising"),
    }),
    denoising: t.floatList({
      nullable: true,
      description: "(corrupted run with the clean value - corrupted) / (clean - corrupted).",
      resolve: (row) => effect(row, "denoising"),
    }),
    effect: t.floatList({
      nullable: true,
      description: "Mean of both: 0 = nothing, 1 = all of the difference between the runs.",
      resolve: (row) => effect(row, "effect"),
    }),
    noisingLogits: t.floatList({
      description: "logit(answer) - logit(wrong) of the clean run with the corrupted value.",
      resolve: (row) => valuesOf(row, row.patching.noising),
    }),
    denoisingLogits: t.floatList({
      description: "The same of the corrupted run with the clean value.",
      resolve: (row) => valuesOf(row, row.patching.denoising),
    }),
  }),
});

const LiveSource = builder.enumType("LiveSource", {
  description: "Where numbers come from.",
  values: {
    STORED: { description: "From the run." },
    COMPUTED: { description: "Just computed, with the same model." },
  } as const,
});

export const LivePatchingType = builder.objectRef<PromptPatching>("LivePatching").implement({
  description:
    "Activation patching of one prompt against its counterfactual, in both directions. One prompt is one observation: there is no interval.",
  fields: (t) => ({
    source: t.expose("source", { type: LiveSource, description: "Where the numbers come from." }),
    over: t.expose("over", { type: LivePatchingPlaces, description: "What was patched." }),
    pair: t.expose("pair", {
      type: LivePairType,
      nullable: true,
      description:
        "The prompts; null for numbers of the run, which has not kept the counterfactual's tokens.",
    }),
    clean: t.exposeFloat("clean", { description: "logit(answer) - logit(wrong) of the clean run." }),
    corrupted: t.exposeFloat("corrupted", { description: "The same of the corrupted run." }),
    reason: t.string({
      nullable: true,
      description: "Why there are no normalised effects.",
      resolve: ({ effects }) => ("reason" in effects ? effects.reason : null),
    }),
    positions: t.exposeIntList("positions", { description: "Positions that the rows' values are of." }),
    rows: t.field({
      type: [LivePatchedRow],
      description: "The places.",
      resolve: (patching) => patching.rows.map((row, index) => ({ ...row, patching, index })),
    }),
  }),
});
