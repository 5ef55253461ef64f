import { z } from "zod";
import { MAX_COMPARED } from "../comparisons/compared-runs.ts";
import { createComparison } from "../comparisons/create-comparison.ts";
import { deleteComparison } from "../comparisons/delete-comparison.ts";
import { updateComparison } from "../comparisons/update-comparison.ts";
import { noSuch, whereIdOrName } from "../named.ts";
import type { Services } from "../services.ts";
import { MAX_NAME, MAX_NOTE, name, note, optionalLine } from "../text.ts";
import { builder } from "./builder.ts";
import { encodeId, plainIdOf, runIdOf } from "./ids.ts";

/** Characters of the view's state: more than any address may have. */
const MAX_STATE = 4_000;

const wrongRuns = `runs: allowed are 1 to ${MAX_COMPARED} in one comparison`;
const runs = z.array(z.string()).min(1, { error: wrongRuns }).max(MAX_COMPARED, { error: wrongRuns });
const state = optionalLine("state", MAX_STATE);

const NAME = `Its name: 1 to ${MAX_NAME} characters in one line, unlike that of any other saved comparison.`;
const NOTE = `Up to ${MAX_NOTE} characters about it`;
const STATE = `How it is shown, for the page that shows it: up to ${MAX_STATE} characters in one line, kept as they are`;

const CreateComparisonInput = builder
  .inputType("CreateComparisonInput", {
    description: "What to keep under which name.",
    fields: (t) => ({
      name: t.string({ required: true, description: NAME }),
      note: t.string({ description: `${NOTE}.` }),
      runs: t.idList({ required: true, description: `Ids or keys of 1 to ${MAX_COMPARED} runs, in order.` }),
      baseline: t.id({
        description: "The one of them that the others are held against; default: the first.",
      }),
      state: t.string({ description: `${STATE}; default: none.` }),
    }),
  })
  .validate(
    z.object({
      name: name("comparison"),
      note,
      runs,
      baseline: z.string().nullish(),
      state: state.nullish(),
    }),
  );

const UpdateComparisonInput = builder
  .inputType("UpdateComparisonInput", {
    description: "What to change of which saved comparison; what is left out stays.",
    fields: (t) => ({
      id: t.id({ required: true, description: "Id or name." }),
      name: t.string({ description: NAME }),
      note: t.string({ description: `${NOTE}, in place of what was there; empty or null: none.` }),
      runs: t.idList({
        description: `Ids or keys of 1 to ${MAX_COMPARED} runs, in place of those that were there; the first becomes the baseline unless \`baseline\` names another.`,
      }),
      baseline: t.id({ description: "The run that the others are held against." }),
      state: t.string({ description: `${STATE}.` }),
    }),
  })
  .validate(
    z.object({
      id: z.string(),
      name: name("comparison").nullish(),
      note,
      runs: runs.nullish(),
      baseline: z.string().nullish(),
      state: state.nullish(),
    }),
  );

const DeleteComparisonInput = builder.inputType("DeleteComparisonInput", {
  description: "Which saved comparison to remove.",
  fields: (t) => ({ id: t.id({ required: true, description: "Id or name." }) }),
});

const ComparisonPayload = builder.objectRef<{ id: string }>("ComparisonPayload").implement({
  description: "A comparison that was saved.",
  fields: (t) => ({
    comparison: t.prismaField({
      type: "Comparison",
      description: "The comparison as it is now.",
      resolve: (query, { id }, _args, { prisma }) =>
        prisma.comparison.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

const DeleteComparisonPayload = builder.objectRef<{ id: string }>("DeleteComparisonPayload").implement({
  description: "The comparison that was removed.",
  fields: (t) => ({
    deletedId: t.id({ description: "Its id.", resolve: ({ id }) => encodeId("Comparison", id) }),
  }),
});

/** @throws ApiError NOT_FOUND */
async function existing({ prisma }: Services, given: string): Promise<string> {
  const where = whereIdOrName(plainIdOf("Comparison", given));
  const comparison = await prisma.comparison.findUnique({ where, select: { id: true } });
  if (!comparison) throw noSuch("comparison", given);
  return comparison.id;
}

builder.mutationFields((t) => ({
  createComparison: t.field({
    type: ComparisonPayload,
    description: "Keeps runs beside each other under a name. Errors: NAME_TAKEN, NOT_FOUND, BAD_USER_INPUT.",
    args: { input: t.arg({ type: CreateComparisonInput, required: true, description: "What to keep." }) },
    resolve: async (_parent, { input: { name, note, runs, baseline, state } }, services) => ({
      id: await createComparison(services, {
        name,
        note: note ?? null,
        runs: runs.map(runIdOf),
        baseline: baseline == null ? null : runIdOf(baseline),
        state: state ?? "",
        createdById: services.actor.id,
      }),
    }),
  }),
  updateComparison: t.field({
    type: ComparisonPayload,
    description:
      "Changes a saved comparison: its name, note, runs, baseline or state. Errors: NOT_FOUND, NAME_TAKEN, BAD_USER_INPUT.",
    args: { input: t.arg({ type: UpdateComparisonInput, required: true, description: "What to change." }) },
    resolve: async (_parent, { input: { name, note, runs, baseline, state, ...input } }, services) => {
      const id = await existing(services, input.id);
      await updateComparison(services, id, {
        name: name ?? undefined,
        note,
        runs: runs?.map(runIdOf),
        baseline: baseline == null ? undefined : runIdOf(baseline),
        state: state ?? undefined,
      });
      return { id };
    },
  }),
  deleteComparison: t.field({
    type: DeleteComparisonPayload,
    description:
      "Removes a saved comparison; its runs stay. Somebody else's needs the role admin. Errors: NOT_FOUND, FORBIDDEN.",
    args: { input: t.arg({ type: DeleteComparisonInput, required: true, description: "Which one." }) },
    resolve: async (_parent, { input }, services) => {
      const id = await existing(services, input.id);
      await deleteComparison(services.prisma, id, services.actor);
      return { id };
    },
  }),
}));
