import { DEFAULT_SETTINGS, type RunSettings } from "../../src/results/receipt.ts";
import type { Task } from "../../src/tasks/task.ts";

export const settings = (changes: Partial<RunSettings> = {}): RunSettings => ({
  ...DEFAULT_SETTINGS,
  ...changes,
});

/** A task of the given facts: `subject answer` pairs. */
export function aTask(facts: [subject: string, answer: string][], changes: Partial<Task> = {}): Task {
  return {
    id: "a-task",
    title: "A task",
    relation: "capital",
    version: 1,
    domain: "test",
    licence: "CC0-1.0",
    source: "made up",
    clauses: [
      { id: "of", text: "the capital of {subject} is", relation: "capital" },
      { id: "has", text: "{subject}'s capital is", relation: "capital" },
    ],
    shot: "The capital of {subject} is {answer}.",
    facts: facts.map(([subject, answer]) => ({ subject, answer })),
    ...changes,
  };
}

export const COUNTRIES: [string, string][] = [
  ["France", "Paris"],
  ["Japan", "Tokyo"],
  ["Peru", "Lima"],
  ["Kenya", "Nairobi"],
  ["Norway", "Oslo"],
];
