import { IMPORT_FORMATS, type Task as TaskContent } from "@recallscope/engine";
import { z } from "zod";
import type { CheckedFile, CheckedTask } from "../tasks/check-task.ts";
import { MAX_TASK_TEXT, MOST, type TaskFile } from "../tasks/read-task-file.ts";
import { line, MAX_NAME } from "../text.ts";
import { builder } from "./builder.ts";
import { Task, TaskClause, TaskFact } from "./task.ts";
import { TaskImportReport } from "./task-import-report.ts";

const TaskFormat = builder.enumType("TaskFormat", {
  description: "Forms of files that tasks are made of.",
  values: {
    JSON: { description: "A task in the form of this program." },
    CSV: {
      description: "A table with a fact in each row; its separator may be a comma, a semicolon or a tab.",
    },
    LRE: { description: "A relation of Linear Relational Embeddings." },
    COUNTERFACT: { description: "Records of CounterFact; each relation becomes a task of its own." },
  } as const,
});

const TaskColumns = builder.inputType("TaskColumns", {
  description: "What the columns of a table are called.",
  fields: (t) => ({
    subject: t.string({ description: "The column of subjects; default: `subject`." }),
    answer: t.string({ description: "The column of answers; default: `answer` or `object`." }),
    aliases: t.string({
      description: "The column of other forms of the answer, joined by `|`; default: `aliases`.",
    }),
  }),
});

const TaskFileInput = builder.inputType("TaskFileInput", {
  description: "A file to make tasks of. What is said here comes before what the file says.",
  fields: (t) => ({
    text: t.string({
      required: true,
      description: `The file's text, up to ${MAX_TASK_TEXT} characters. A task has up to ${MOST.facts} facts and ${MOST.clauses} clauses.`,
    }),
    fileName: t.string({
      description: "What messages call the file; a table's task names it as its source.",
    }),
    format: t.field({ type: TaskFormat, description: "Its form; default: told from the content." }),
    like: t.string({ description: "Slug of a task that gives everything but the facts." }),
    slug: t.string({ description: "Name in addresses and commands: small letters, digits and dashes." }),
    title: t.string({ description: "Name for people." }),
    relation: t.string({ description: "The relation in a word." }),
    domain: t.string({ description: "Field of knowledge." }),
    licence: t.string({ description: "Licence of facts and wording." }),
    source: t.string({ description: "Where the facts come from." }),
    clauses: t.stringList({
      description: "Ways to ask: each with `{subject}` in it, ending right before the answer.",
    }),
    shot: t.string({
      description:
        "A complete sentence with `{subject}` and `{answer}`; default: the first clause with its answer.",
    }),
    columns: t.field({ type: TaskColumns, description: "Columns of a table." }),
  }),
});

const wrongText = `text: allowed are 1 to ${MAX_TASK_TEXT} characters (make several files of it, or tasks by \`npx recallscope task import\` first)`;
const said = (what: string) => line(what, MAX_NAME).nullish();
const sentence = (what: string) => line(what, 1_000);
const columns = z.object({ subject: said("column"), answer: said("column"), aliases: said("column") });
const taskFile = z.object({
  text: z.string().min(1, { error: wrongText }).max(MAX_TASK_TEXT, { error: wrongText }),
  fileName: said("fileName"),
  format: z.enum(["JSON", "CSV", "LRE", "COUNTERFACT"]).nullish(),
  like: said("like"),
  slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
      error: "slug: allowed are small letters and digits, joined by dashes",
    })
    .nullish(),
  title: said("title"),
  relation: said("relation"),
  domain: said("domain"),
  licence: said("licence"),
  source: said("source"),
  clauses: z
    .array(sentence("clause"))
    .min(1, { error: "clauses: at least one, or none at all" })
    .max(MOST.clauses, { error: `clauses: allowed are up to ${MOST.clauses}` })
    .nullish(),
  shot: sentence("shot").nullish(),
  columns: columns.nullish(),
});
const Checked = TaskFileInput.validate(taskFile);

export { Checked as TaskFileInput };

/** The file that an input means. */
export function taskFileOf(input: z.infer<typeof taskFile>): TaskFile {
  const { text, fileName, format, like, slug, columns, ...said } = input;
  return {
    text,
    fileName: fileName ?? "(text)",
    format: IMPORT_FORMATS.find((name) => name === format?.toLowerCase()) ?? null,
    like: like ?? null,
    ...(slug != null && { id: slug }),
    ...given(said),
    ...(columns && { columns: given(columns) }),
  };
}

/** An object without what is null in it. */
const given = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value != null)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };

const TaskOutcome = builder.enumType("TaskOutcome", {
  description: "What importing a task does, or would do.",
  values: {
    NEW: { description: "It is a new task." },
    NEW_VERSION: { description: "It is the version of a task here that new runs ask from then on." },
    UNCHANGED: { description: "It asks what the task here asks already." },
    REFUSED: { description: "It cannot be taken in: `refused` says why." },
  } as const,
});

const TaskDraft = builder.objectRef<TaskContent>("TaskDraft").implement({
  description: "A task as the file gives it, once what cannot be asked is left out.",
  fields: (t) => ({
    slug: t.exposeString("id", { description: "Name in addresses and commands." }),
    title: t.exposeString("title", { description: "Name for people." }),
    relation: t.exposeString("relation", { description: "The relation in a word." }),
    domain: t.exposeString("domain", { description: "Field of knowledge." }),
    version: t.exposeInt("version", { description: "The version it would be." }),
    licence: t.exposeString("licence", { description: "Licence of facts and wording." }),
    source: t.exposeString("source", { description: "Where the facts come from." }),
    clauses: t.expose("clauses", { type: [TaskClause], description: "Ways to ask." }),
    shot: t.exposeString("shot", { description: "A complete demonstration sentence." }),
    facts: t.expose("facts", { type: [TaskFact], description: "The facts." }),
  }),
});

const ImportedTask = builder.objectRef<CheckedTask>("ImportedTask").implement({
  description: "One task of a file, and what becomes of it.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its slug, or what else the file calls it." }),
    outcome: t.expose("outcome", { type: TaskOutcome, description: "What importing it does, or would do." }),
    refused: t.exposeString("refused", {
      nullable: true,
      description: "Why it cannot be taken in; null where it can.",
    }),
    draft: t.expose("task", {
      type: TaskDraft,
      nullable: true,
      description: "What the file gives; null where no task can be made of it.",
    }),
    task: t.prismaField({
      type: Task,
      nullable: true,
      description: "The task in the store; null where it was only checked, or refused.",
      resolve: (query, { id }, _args, { prisma }) =>
        id === null ? null : prisma.task.findUniqueOrThrow({ ...query, where: { id } }),
    }),
    report: t.expose("report", {
      type: TaskImportReport,
      description: "What was left out or changed on the way.",
    }),
  }),
});

export const ReadTaskFile = builder.objectRef<CheckedFile>("ReadTaskFile").implement({
  description: "What a file has in it.",
  fields: (t) => ({
    format: t.field({
      type: TaskFormat,
      description: "The form it was read as.",
      resolve: ({ format }) => format.toUpperCase() as Uppercase<typeof format>,
    }),
    tasks: t.expose("tasks", {
      type: [ImportedTask],
      description: "Its tasks: one, or one for each relation of CounterFact.",
    }),
    stray: t.expose("stray", {
      type: TaskImportReport,
      description: "Entries of the file that belong to no task.",
    }),
  }),
});
