import type { ModelOpening } from "../models/openings.ts";
import { builder } from "./builder.ts";

const ModelOpeningType = builder.objectRef<ModelOpening>("ModelOpening").implement({
  description: "How far the opening of a model is.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "The name as it was understood." }),
    message: t.exposeString("message", {
      description: "What is being done: which file is loaded, or checked.",
    }),
    done: t.exposeFloat("done", { description: "Work done on what is in hand; bytes of a file." }),
    total: t.exposeFloat("total", { description: "All of that work." }),
  }),
});

builder.subscriptionField("modelOpening", (t) =>
  t.field({
    type: ModelOpeningType,
    description:
      "What `addModel` is doing with a model, from the subscription on, where this process opens it; ends with the socket.",
    args: { name: t.arg.string({ required: true, description: "The name as it is given to `addModel`." }) },
    subscribe: (_parent, { name }, { openings }) => openings.watch(name.trim()),
    resolve: (opening) => opening as ModelOpening,
  }),
);
