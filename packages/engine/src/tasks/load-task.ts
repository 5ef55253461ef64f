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
  const seen = new Set<string>();
  for (const { subject } of result.data.facts) {
    if (seen.has(subject))
      throw new EngineError("BAD_TASK", `task ${where}: subject ${subject} appears twice (merge the facts)`);
    seen.add(subject);
  }
  return result.data;
}

/** sha-256 of what a task asks; wording of titles and licences does not count. */
export function taskHash(task: Task): string {
  const { id, version, clauses, shot, facts } = task;
  return createHash("sha256").update(JSON.stringify({ id, version, clauses, shot, facts })).digest("hex");
}
