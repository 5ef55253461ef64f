import { z } from "zod";
import { findRunIds } from "../runs/find-run.ts";
import { noteRuns } from "../runs/note-runs.ts";
import { MAX_TAG, MAX_TAGGED, MAX_TAGS, tagRuns } from "../runs/tag-runs.ts";
import type { Services } from "../services.ts";
import { line, MAX_NOTE, note } from "../text.ts";
import { builder } from "./builder.ts";
import { runIdOf } from "./ids.ts";

const wrongRuns = `runs: allowed are 1 to ${MAX_TAGGED} in one call`;
const runs = z.array(z.string()).min(1, { error: wrongRuns }).max(MAX_TAGGED, { error: wrongRuns });
const tags = z
  .array(
    line("tag", MAX_TAG).refine((tag) => !tag.includes(","), {
      error: "tag: a comma is not allowed (give several tags as several)",
    }),
  )
  .max(MAX_TAGS, { error: `tags: allowed are up to ${MAX_TAGS} in one call` })
  .nullish();

const TagRunsInput = builder
  .inputType("TagRunsInput", {
    description: "Which runs get and lose which tags.",
    fields: (t) => ({
      runs: t.idList({ required: true, description: `Ids or keys of 1 to ${MAX_TAGGED} runs.` }),
      add: t.stringList({
        description: `Tags to add: 1 to ${MAX_TAG} characters in one line, without commas. A run has up to ${MAX_TAGS}.`,
      }),
      remove: t.stringList({ description: "Tags to take away; those that a run does not have are ignored." }),
    }),
  })
  .validate(
    z
      .object({ runs, add: tags, remove: tags })
      .refine(({ add, remove }) => !add?.some((tag) => remove?.includes(tag)), {
        error: "tags: one cannot be added and removed in the same call",
      }),
  );

const NoteRunsInput = builder
  .inputType("NoteRunsInput", {
    description: "What to write about which runs.",
    fields: (t) => ({
      runs: t.idList({ required: true, description: `Ids or keys of 1 to ${MAX_TAGGED} runs.` }),
      note: t.string({
        description: `Up to ${MAX_NOTE} characters, in place of what was there; empty or null: none.`,
      }),
    }),
  })
  .validate(z.object({ runs, note }));

const ChangedRuns = builder.objectRef<{ ids: string[] }>("ChangedRuns").implement({
  description: "Runs whose tags or note were changed.",
  fields: (t) => ({
    runs: t.prismaField({
      type: ["Run"],
      description: "The runs as they are now, in the order given, each once.",
      resolve: async (query, { ids }, _args, { prisma }) => {
        const found = await prisma.run.findMany({ ...query, where: { id: { in: ids } } });
        return ids.flatMap((id) => found.find((run) => run.id === id) ?? []);
      },
    }),
  }),
});

const idsOf = ({ prisma }: Services, given: readonly string[]) => findRunIds(prisma, given.map(runIdOf));

builder.mutationFields((t) => ({
  tagRuns: t.field({
    type: ChangedRuns,
    description:
      "Adds and removes tags of several runs at once, of all or of none. Errors: NOT_FOUND, BAD_USER_INPUT.",
    args: { input: t.arg({ type: TagRunsInput, required: true, description: "Which runs and tags." }) },
    resolve: async (_parent, { input: { runs, add, remove } }, services) => {
      const ids = await idsOf(services, runs);
      await tagRuns(services, { ids, add: add ?? [], remove: remove ?? [] });
      return { ids };
    },
  }),
  noteRuns: t.field({
    type: ChangedRuns,
    description: "Writes the same note on several runs. Errors: NOT_FOUND, BAD_USER_INPUT.",
    args: { input: t.arg({ type: NoteRunsInput, required: true, description: "Which runs, and what." }) },
    resolve: async (_parent, { input }, services) => {
      const ids = await idsOf(services, input.runs);
      await noteRuns(services, { ids, note: input.note ?? null });
      return { ids };
    },
  }),
}));
