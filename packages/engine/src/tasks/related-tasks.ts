import type { Task } from "./task.ts";

/** Fewer shared subjects give no interval worth having. */
const SHARED_SUBJECTS = 8;

/** Tasks that ask something else about at least 8 of the same subjects: they give prompts of another relation. Sorted by id. */
export function relatedTasks(task: Task, others: readonly Task[]): Task[] {
  const subjects = new Set(task.facts.map(({ subject }) => subject));
  return others
    .filter(
      (other) =>
        other.id !== task.id &&
        other.facts.filter(({ subject }) => subjects.has(subject)).length >= SHARED_SUBJECTS,
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
