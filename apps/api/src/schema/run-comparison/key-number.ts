import type { KeyNumber, KeyNumberCell } from "../../run-comparison/key-numbers.ts";
import { builder } from "../builder.ts";
import { EstimateType } from "../estimate.ts";
import { FigureUnitType } from "../figure.ts";

const KeyNumberCellType = builder.objectRef<KeyNumberCell>("KeyNumberCell").implement({
  description: "A key number of one run.",
  fields: (t) => ({
    value: t.exposeFloat("value", {
      nullable: true,
      description: "The number; null: not observed, or a name.",
    }),
    estimate: t.expose("estimate", {
      type: EstimateType,
      nullable: true,
      description: "With its interval over facts; null for counts, medians and names, which have none.",
    }),
    text: t.exposeString("text", {
      nullable: true,
      description: "The name, where it is one, e.g. of a head.",
    }),
    delta: t.exposeFloat("delta", {
      nullable: true,
      description: "Run minus baseline, each on its own facts; `metrics` pairs them.",
    }),
    apart: t.exposeBoolean("apart", {
      description: "Whether the two intervals have no point in common: a cautious sign that runs differ.",
    }),
  }),
});

export const KeyNumberType = builder.objectRef<KeyNumber>("KeyNumber").implement({
  description: "One number of every compared run.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "E.g. `candidate_top1`." }),
    title: t.exposeString("title", { description: "For people." }),
    help: t.exposeString("help", { description: "What it is." }),
    metric: t.exposeString("metric", {
      nullable: true,
      description: "The one of `toBaseline.metrics` that pairs it by prompt; null: none does.",
    }),
    unit: t.expose("unit", { type: FigureUnitType, description: "Its unit." }),
    cells: t.expose("cells", { type: [KeyNumberCellType], description: "One per run, in their order." }),
  }),
});
