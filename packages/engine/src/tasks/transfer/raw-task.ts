import type { Task } from "../task.ts";

/** A fact as it stands in a file. */
export interface RawFact {
  where: string;
  subject: string;
  answer: string;
  aliases?: readonly string[];
}

/** A clause as it stands in a file, with the place of the subject in any of the ways that files mark it. */
export interface RawClause {
  where: string;
  text: string;
  id?: string;
  relation?: string;
}

/** Fields of a task besides its clauses, demonstration and facts. */
export type TaskFields = Omit<Task, "clauses" | "shot" | "facts">;

/** What a reader found in a file: nothing in it has been judged yet. */
export interface RawTask {
  fields: Partial<TaskFields>;
  clauses: RawClause[];
  shot?: string;
  facts: RawFact[];
}
