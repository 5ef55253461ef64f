import { type ArrayFold, type ArraySlice, FOLDS, type LabeledArray } from "@recallscope/engine";
import { builder } from "./builder.ts";
import { ArrayAxis, finiteOrNull } from "./labeled-array.ts";

export const AxisSliceInput = builder.inputType("AxisSlice", {
  description: "What to keep of an axis: some labels in the order given, or those from one to another.",
  fields: (t) => ({
    axis: t.string({ required: true, description: "Name of the axis, e.g. `layer`." }),
    labels: t.stringList({ description: "These labels, in this order; each once." }),
    from: t.string({ description: "From this label on." }),
    to: t.string({ description: "Up to this label, itself included." }),
  }),
});

const FOLD_WORDS: Record<ArrayFold["by"], string> = {
  MEAN: "Mean of what was observed.",
  SUM: "Sum of what was observed.",
  MAX: "Largest value that was observed.",
};
const FoldBy = builder.enumType("FoldBy", {
  description: "How values become one.",
  values: Object.fromEntries(FOLDS.map((by) => [by, { description: FOLD_WORDS[by] }])) as Record<
    ArrayFold["by"],
    { description: string }
  >,
});

export const ArrayFoldInput = builder.inputType("ArrayFold", {
  description: "Axes to fold away, all at once.",
  fields: (t) => ({
    over: t.stringList({ required: true, description: "Names of the axes." }),
    by: t.field({ type: FoldBy, required: true, description: "How." }),
  }),
});

export const ArraySliceType = builder
  .objectRef<ArraySlice & Pick<LabeledArray, "name" | "unit">>("ArraySlice")
  .implement({
    description: "A part of one of a run's arrays, with axes folded away if asked.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "Name of the array." }),
      unit: t.exposeString("unit", { description: "Unit of its values." }),
      axes: t.field({
        type: [ArrayAxis],
        description: "The axes that are left, with the labels that were kept.",
        resolve: ({ axes }) => [...axes],
      }),
      values: t.floatList({
        nullable: { list: false, items: true },
        description: "Row-major, the last axis fastest; null = not observed.",
        resolve: ({ values }) => Array.from(values, finiteOrNull),
      }),
      counts: t.intList({
        nullable: true,
        description: "How many observed values were folded into each; null where nothing was folded.",
        resolve: ({ counts }) => counts && [...counts],
      }),
    }),
  });
