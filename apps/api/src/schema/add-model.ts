import { z } from "zod";
import { addModel } from "../models/inspect-model.ts";
import { builder } from "./builder.ts";

const AddModelInput = builder
  .inputType("AddModelInput", {
    description: "Which model to add.",
    fields: (t) => ({
      name: t.string({ required: true, description: "Name in models/, absolute folder, or hub id." }),
    }),
  })
  .validate(z.object({ name: z.string().trim().min(1).max(1000) }));

const AddModelPayload = builder.objectRef<{ id: string }>("AddModelPayload").implement({
  description: "The model that was added.",
  fields: (t) => ({
    model: t.prismaField({
      type: "Model",
      description: "The model as it was found.",
      resolve: (query, { id }, _args, { prisma }) =>
        prisma.model.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

builder.mutationField("addModel", (t) =>
  t.field({
    type: AddModelPayload,
    description:
      "Opens a folder or hub id, checks it and remembers it. Errors: MODEL_NOT_FOUND, BAD_CONFIG, UNSUPPORTED_MODEL, BAD_WEIGHTS, BAD_TOKENIZER, DOWNLOAD_FAILED, SELF_CHECK_FAILED.",
    args: { input: t.arg({ type: AddModelInput, required: true, description: "Which model." }) },
    resolve: async (_parent, { input }, services) => ({ id: await addModel(services, input.name) }),
  }),
);
