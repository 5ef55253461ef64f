import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { EngineError } from "../errors.ts";
import { type Task, taskSchema } from "./task.ts";

/** Reads and checks a task file. */
export async function loadTask(file: string): Promise<Task> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new EngineError("TASK_NOT_FOUND", `task file: ${file} cannot be read`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EngineError("BAD_TASK", `task file: ${file} is not JSON (${(error as Error).message})`);
  }
  return parseTask(value, file);
}

export function parseTask(value: unknown, where: string): Task {
  const result = taskSchema.safeParse(value);
  if (!result.success)
    throw new EngineError(
      "BAD_TASK",
      `task ${where}: ${z.prettifyError(result.error).replaceAll("\n", "; ")}`,
    );
  const wrong = firstMistake(result.data);
  if (wrong) throw new EngineError("BAD_TASK", `task ${where}: ${wrong}`);
  return result.data;
}

/** What a schema does not say: placeholders, stray spaces, repetitions. @returns the first mistake in words, or null */
function firstMistake({ clauses, shot, facts }: Task): string | null {
  const seen = new Set<string>();
  for (const { id, text } of clauses) {
    if (seen.has(id)) return `clause id ${id} appears twice (give each clause its own)`;
    seen.add(id);
    if (placeholders(text) !== "{subject}")
      return `clause ${id}: placeholders ${placeholders(text)} (expected {subject}, once)`;
    if (text !== text.trim()) return `clause ${id}: starts or ends with a space`;
  }
  if (!["{subject} {answer}", "{answer} {subject}"].includes(placeholders(shot)))
    return `shot: placeholders ${placeholders(shot)} (expected {subject} and {answer}, once each)`;
  if (shot !== shot.trim()) return "shot: starts or ends with a space";
  const subjects = new Set<string>();
  for (const { subject, answer } of facts) {
    if (subjects.has(subject)) return `subject ${subject} appears twice (merge the facts)`;
    subjects.add(subject);
    for (const [what, text] of Object.entries({ subject, answer }))
      if (text !== text.trim() || text !== text.normalize("NFC") || /[\n\r\t{}]/.test(text))
        return `${what} ${JSON.stringify(text)}: has outer spaces, line breaks, braces or decomposed accents (write it plainly)`;
  }
  return null;
}

const placeholders = (text: string): string => (text.match(/\{[^}]*\}/g) ?? []).join(" ");

/** sha-256 of what a task asks; wording of titles and licences does not count. */
export function taskHash(task: Task): string {
  const { id, version, clauses, shot, facts } = task;
  return createHash("sha256").update(JSON.stringify({ id, version, clauses, shot, facts })).digest("hex");
}
