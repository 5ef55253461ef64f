import {
  type ImportFormat,
  type ImportOptions,
  type ImportReport,
  importTasks,
  type Task,
} from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { fromJson } from "../results/json.ts";
import { hasUnseen } from "../text.ts";
import { currentTask } from "./current-task.ts";

/** Characters of one file. A request may be little larger; whole data sets go through the command line first. */
export const MAX_TASK_TEXT = 200_000;
/** A run asks every fact in every clause. */
export const MOST = { facts: 2_000, clauses: 50 };
const MAX_SLUG = 100;

/** A task file as text, and what somebody says about the task; that comes before what the file says. */
export interface TaskFile extends Omit<ImportOptions, "like" | "most" | "version"> {
  text: string;
  /** For messages, and for the source of a table. */
  fileName: string;
  /** Null: told from the content. */
  format: ImportFormat | null;
  /** Slug of a task that gives everything but the facts. */
  like: string | null;
}

/** What became of one task of a file. */
export interface ReadTask {
  name: string;
  report: ImportReport;
  /** Null where `refused` says why there is none. */
  task: Task | null;
  refused: string | null;
}

export interface ReadFile {
  format: ImportFormat;
  tasks: ReadTask[];
  /** Entries of the file that belong to no task. */
  stray: ImportReport;
}

/**
 * The tasks in a file of any form that can be imported, and all that was left out of them. Nothing is stored.
 * @throws EngineError BAD_INPUT where the file as a whole cannot be read; ApiError TASK_NOT_FOUND for `like`
 */
export async function readTaskFile(
  prisma: PrismaClient,
  { text, fileName, format, like, ...options }: TaskFile,
): Promise<ReadFile> {
  const model = like === null ? undefined : fromJson<Task>((await currentTask(prisma, like)).content);
  const given = { ...options, most: MOST, ...(model && { like: model }) };
  const read = importTasks(Buffer.from(text), fileName, format, given);
  const tasks = read.imported.map(({ report, ...one }): ReadTask => {
    if (!one.task) return { name: one.name, report, task: null, refused: one.refused };
    const { task } = one;
    const refused = unfit(task);
    return { name: task.id, report, task: refused === null ? task : null, refused };
  });
  return { format: read.format, tasks, stray: read.stray };
}

/** Why the store cannot keep a task; null where it can. */
function unfit(task: Task): string | null {
  if (task.id.length > MAX_SLUG) return `id of ${task.id.length} characters (allowed: up to ${MAX_SLUG})`;
  const text = stringsOf(task).find(hasUnseen);
  return text === undefined ? null : `${JSON.stringify(text)}: has characters that nobody sees`;
}

const stringsOf = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(stringsOf)
      : [];

/** @throws ApiError TASK_REFUSED where none of a file's tasks can be used, with the first reasons */
export function refuseEmpty(fileName: string, tasks: readonly Pick<ReadTask, "name" | "refused">[]): void {
  const reasons = tasks.flatMap(({ name, refused }) => (refused === null ? [] : [`${name}: ${refused}`]));
  if (reasons.length < tasks.length) return;
  const why = reasons.slice(0, 3).join("; ") || "it has no records";
  throw new ApiError("TASK_REFUSED", `file ${fileName}: no task came out of it (${why})`);
}
