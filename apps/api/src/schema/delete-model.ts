import { z } from "zod";
import { deleteModel } from "../models/delete-model.ts";
import { builder } from "./builder.ts";
import { encodeId } from "./ids.ts";

const DeleteModelInput = builder
  .inputType("DeleteModelInput", {
    description: "Which model to take from the list.",
    fields: (t) => ({
      name: t.string({ required: true, description: "Its name in the list: absolute folder or hub id." }),
    }),
  })
  .validate(z.object({ name: z.string().trim().min(1).max(1000) }));

const DeleteModelPayload = builder.objectRef<{ id: string }>("DeleteModelPayload").implement({
  description: "The model that was taken from the list.",
  fields: (t) => ({
    deletedId: t.id({ description: "Its id.", resolve: ({ id }) => encodeId("Model", id) }),
  }),
});

builder.mutationField("deleteModel", (t) =>
  t.field({
    type: DeleteModelPayload,
    description:
      "Takes a model from the list that no run and no study uses; its files stay. Errors: NOT_FOUND, MODEL_IN_USE.",
    args: { input: t.arg({ type: DeleteModelInput, required: true, description: "Which model." }) },
    resolve: async (_parent, { input }, { prisma }) => ({ id: await deleteModel(prisma, input.name) }),
  }),
);
