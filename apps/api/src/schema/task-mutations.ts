import { z } from "zod";
import { checkTaskFile } from "../tasks/check-task.ts";
import { deleteTask } from "../tasks/delete-task.ts";
import { importTaskFile } from "../tasks/import-task.ts";
import { builder } from "./builder.ts";
import { ReadTaskFile, TaskFileInput, taskFileOf } from "./task-file.ts";

const DeleteTaskInput = builder
  .inputType("DeleteTaskInput", {
    description: "Which task to take from the list.",
    fields: (t) => ({ slug: t.string({ required: true, description: "Its slug." }) }),
  })
  .validate(z.object({ slug: z.string().min(1).max(200) }));

const DeleteTaskPayload = builder.objectRef<{ slug: string; kept: number }>("DeleteTaskPayload").implement({
  description: "The task that was taken from the list.",
  fields: (t) => ({
    deletedSlug: t.exposeString("slug", { description: "Its slug." }),
    keptVersions: t.exposeInt("kept", {
      description: "Versions that stay out of the list, since runs or studies ask them.",
    }),
  }),
});

builder.queryField("checkTask", (t) =>
  t.field({
    type: ReadTaskFile,
    description:
      "What `importTask` would make of a file: its tasks, what is left out and why. Stores nothing. Errors: BAD_INPUT, TASK_NOT_FOUND, BAD_USER_INPUT.",
    args: { input: t.arg({ type: TaskFileInput, required: true, description: "The file." }) },
    resolve: (_parent, { input }, { prisma, actor }) => checkTaskFile(prisma, taskFileOf(input), actor),
  }),
);

builder.mutationFields((t) => ({
  importTask: t.field({
    type: ReadTaskFile,
    description:
      "Makes tasks of a file's text, and says what it left out and why. Another content of an own task becomes its new version, which new runs ask; runs keep the one they asked. Errors: TASK_REFUSED when none can be taken in, BAD_INPUT, TASK_NOT_FOUND, BAD_USER_INPUT.",
    args: { input: t.arg({ type: TaskFileInput, required: true, description: "The file." }) },
    resolve: async (_parent, { input }, { prisma, actor }) => {
      const read = await importTaskFile(prisma, taskFileOf(input), actor);
      const stored = read.tasks.filter(({ id }) => id !== null);
      return { ...read, slug: stored.map(({ name }) => name).join() };
    },
  }),
  deleteTask: t.field({
    type: DeleteTaskPayload,
    description:
      "Takes a task of a user from the list. Versions that runs or studies ask stay with these, so that nothing is lost; importing it again brings it back. Somebody else's needs the role admin. Errors: TASK_NOT_FOUND, TASK_REFUSED for a bundled task, FORBIDDEN.",
    args: { input: t.arg({ type: DeleteTaskInput, required: true, description: "Which task." }) },
    resolve: async (_parent, { input: { slug } }, { prisma, actor }) => ({
      slug,
      ...(await deleteTask(prisma, slug, actor)),
    }),
  }),
}));
