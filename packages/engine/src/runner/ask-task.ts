import type { AnalysisContext, FactPrompts } from "../analyses/analysis.ts";
import type { RunSettings } from "../results/receipt.ts";
import { type PreparedTask, prepareTask } from "../tasks/prepare.ts";
import type { Task } from "../tasks/task.ts";
import type { OpenModel } from "./open-model.ts";
import { subjectTokens } from "./subject-tokens.ts";

/** A task as a model is asked it. */
export interface AskedTask {
  prepared: PreparedTask;
  context: AnalysisContext;
  /** Each admitted fact with its prompts. */
  facts: FactPrompts[];
}

/** @throws EngineError BAD_TASK where no fact can be asked, BAD_TOKENIZER */
export function askTask(
  { session, tokenizer, instruments }: OpenModel,
  task: Task,
  settings: RunSettings,
): AskedTask {
  const { facts: model } = session.spec;
  const prepared = prepareTask(task, tokenizer, settings, model.positions);
  const subjects = subjectTokens(prepared.facts, tokenizer);
  return {
    prepared,
    context: {
      model,
      settings,
      facts: prepared.facts.map((fact, i) => ({ ...fact, subjectToken: subjects[i]! })),
      candidates: prepared.candidates.map(({ token }) => token),
      instruments,
    },
    facts: prepared.facts.map((_, index) => ({
      index,
      prompts: prepared.prompts.filter(({ fact }) => fact === index),
    })),
  };
}
