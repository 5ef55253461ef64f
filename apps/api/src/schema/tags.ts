import { resolveOffsetConnection } from "@pothos/plugin-relay";
import { z } from "zod";
import { countTags, listTags, type Tag as TagRow } from "../runs/list-tags.ts";
import { MAX_TAG } from "../runs/tag-runs.ts";
import { builder } from "./builder.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "./limits.ts";
import { defineOrder } from "./order.ts";

const Tag = builder.objectRef<TagRow>("Tag").implement({
  description: "A word that runs are marked with. It exists while a run has it.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "The word, in its own case of letters." }),
    runCount: t.exposeInt("runCount", { description: "How many runs have it." }),
  }),
});

const order = defineOrder("Tag", {
  NAME: { description: "The word." },
  RUN_COUNT: { description: "How many runs have it." },
});

const TagFilter = builder
  .inputType("TagFilter", {
    description: "Which tags.",
    fields: (t) => ({ text: t.string({ description: "With this text in them, in any case of letters." }) }),
  })
  .validate(z.object({ text: z.string().max(MAX_TAG).nullish() }));

builder.queryField("tags", (t) =>
  t.connection(
    {
      type: Tag,
      description: "Tags that runs have, in order of the alphabet.",
      args: {
        filter: t.arg({ type: TagFilter, description: "Only these." }),
        orderBy: t.arg({ type: order.input, description: "Default: by NAME." }),
      },
      resolve: async (_parent, { filter, orderBy, ...args }, { prisma }) => {
        const text = filter?.text?.trim() || null;
        const { by = "NAME", direction } = orderBy ?? {};
        const page = { text, order: { by, direction: direction ?? "ASC" } } as const;
        const connection = await resolveOffsetConnection(
          { args, defaultSize: DEFAULT_PAGE, maxSize: MAX_PAGE },
          (slice) => listTags(prisma, { ...page, ...slice }),
        );
        return { ...connection, totalCount: () => countTags(prisma, text) };
      },
    },
    {
      fields: (fields) => ({
        totalCount: fields.int({
          resolve: ({ totalCount }) => (typeof totalCount === "function" ? totalCount() : totalCount),
        }),
      }),
    },
  ),
);
