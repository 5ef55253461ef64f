import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import { resolveModelName } from "../models/model-name.ts";
import { fromJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import { currentTask } from "./current-task.ts";

export interface FactTokens {
  subject: string;
  answer: string;
  /** As the model reads the subject within the task's first clause. */
  subjectTokens: string[];
  answerToken: string;
}

export interface TaskTokens {
  facts: FactTokens[];
  dropped: { subject: string; answer: string; reason: string }[];
}

/**
 * How a model's tokenizer cuts a task's facts, and which of them it cannot be asked. Reads no weights.
 * @throws ApiError MODEL_NOT_FOUND, TASK_NOT_FOUND; EngineError of the model's config or tokenizer
 */
export async function factTokens(services: Services, model: string, slug: string): Promise<TaskTokens> {
  const { name } = await resolveModelName(model, services);
  const task = fromJson<Task>((await currentTask(services.prisma, slug)).content);
  const { prompts, dropped } = await services.engines.interactive.preview({
    model: name,
    task,
    settings: { ...DEFAULT_SETTINGS, leadIns: 1 },
    first: task.facts.length * task.clauses.length,
  });
  const facts = new Map<string, FactTokens>();
  for (const { subject, answer, tokens, subjectStart, subjectEnd, answerToken } of prompts) {
    const key = JSON.stringify([subject, answer]);
    if (facts.has(key)) continue;
    facts.set(key, { subject, answer, subjectTokens: tokens.slice(subjectStart, subjectEnd), answerToken });
  }
  return { facts: [...facts.values()], dropped };
}
