import { readFile } from "node:fs/promises";
import path from "node:path";
import { DEFAULT_SETTINGS, type RunSettings } from "../../../packages/engine/src/results/receipt.ts";
import { prepareTask } from "../../../packages/engine/src/tasks/prepare.ts";
import { type Task, taskSchema } from "../../../packages/engine/src/tasks/task.ts";
import { openTokenizer } from "../../../packages/engine/src/tokenizers/open-tokenizer.ts";

export const ROOT = path.resolve(import.meta.dirname, "../../..");
export const MODELS = path.join(ROOT, "models");
const FACTS = 15;

/** The first fifteen facts of a bundled task that the tokenizer of a model in `folder` admits, in one frame. */
export async function largeTask(folder: string, positions: number): Promise<Task> {
  const file = path.join(ROOT, "tasks/country-capital.json");
  const task = taskSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const clauses = task.clauses.slice(0, 1);
  const tokenizer = await openTokenizer(folder);
  const { facts } = prepareTask({ ...task, clauses }, tokenizer, largeSettings([]), positions);
  const admitted = new Set(facts.slice(0, FACTS).map(({ subject }) => subject));
  if (admitted.size < FACTS)
    throw new Error(`${folder}: its tokenizer admits ${admitted.size} facts of ${task.id} (${FACTS} needed)`);
  return { ...task, clauses, facts: task.facts.filter(({ subject }) => admitted.has(subject)) };
}

/** @param analyses further ones; none of them is part of the standing figures */
export const largeSettings = (analyses: readonly string[]): RunSettings => ({
  ...DEFAULT_SETTINGS,
  leadIns: 1,
  analyses: [...analyses].sort(),
});
