import type { LabeledArray } from "@recallscope/engine";
import { builder } from "./builder.ts";

export const ArrayAxis = builder.objectRef<LabeledArray["axes"][number]>("ArrayAxis").implement({
  description: "An axis of an array.",
  fields: (t) => ({
    dim: t.exposeString("dim", { description: "What it counts: prompt, fact, layer, head, ..." }),
    labels: t.stringList({ description: "What stands at each place.", resolve: ({ labels }) => [...labels] }),
  }),
});

/** JSON knows no NaN, which means not observed. */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const ArrayInfo = builder.objectRef<Omit<LabeledArray, "values">>("ArrayInfo").implement({
  description: "The name and shape of an array.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Name, for `array` and `results`." }),
    unit: t.exposeString("unit", { description: "Unit of its values." }),
    shape: t.intList({
      description: "Lengths of its axes.",
      resolve: ({ axes }) => axes.map(({ labels }) => labels.length),
    }),
    axes: t.field({ type: [ArrayAxis], description: "Its axes.", resolve: ({ axes }) => [...axes] }),
  }),
});

export const LabeledArrayType = builder.objectRef<LabeledArray>("LabeledArray").implement({
  description: "Bulk numbers that say what they are.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its name." }),
    unit: t.exposeString("unit", { description: "Unit of its values." }),
    axes: t.field({ type: [ArrayAxis], description: "Its axes.", resolve: ({ axes }) => [...axes] }),
    values: t.floatList({
      nullable: { list: false, items: true },
      description: "Row-major, the last axis fastest; null = not observed.",
      resolve: ({ values }) => Array.from(values, finiteOrNull),
    }),
  }),
});
