import { readModelSpec } from "../architectures/index.ts";
import { locateCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { type ModelPlaces, resolveModel } from "../checkpoints/resolve-model.ts";
import type { RunSettings } from "../results/receipt.ts";
import { prepareTask } from "../tasks/prepare.ts";
import type { Task } from "../tasks/task.ts";
import { openTokenizer } from "../tokenizers/open-tokenizer.ts";
import { checkSettings } from "./check-settings.ts";

export interface RunPreview {
  promptCount: number;
  factsAdmitted: number;
  dropped: { subject: string; answer: string; reason: string }[];
  prompts: {
    text: string;
    tokens: string[];
    subjectStart: number;
    subjectEnd: number;
    subject: string;
    answer: string;
    answerToken: string;
  }[];
  warnings: string[];
  /** Forward passes of the run if every fact is known. */
  passes: number;
}

/** What a run would ask, from the model's config and tokenizer alone: no weights are read. */
export async function previewRun(
  name: string,
  task: Task,
  settings: RunSettings,
  first: number,
  places: ModelPlaces,
): Promise<RunPreview> {
  checkSettings(settings);
  const checkpoint = await locateCheckpoint(await resolveModel(name, places), name);
  const { facts } = readModelSpec(checkpoint);
  const tokenizer = await openTokenizer(checkpoint.source);
  const prepared = prepareTask(task, tokenizer, settings, facts.positions);
  const pairs = prepared.prompts.filter(({ corrupted }) => corrupted).length;
  return {
    promptCount: prepared.prompts.length,
    factsAdmitted: prepared.facts.length,
    dropped: prepared.dropped,
    prompts: prepared.prompts.slice(0, first).map(({ text, tokens, subjectSpan, fact, answerToken }) => ({
      text,
      tokens: tokens.map((token) => tokenizer.tokenText(token)),
      subjectStart: subjectSpan[0],
      subjectEnd: subjectSpan[1],
      subject: prepared.facts[fact]!.subject,
      answer: prepared.facts[fact]!.answer,
      answerToken: tokenizer.tokenText(answerToken),
    })),
    warnings: prepared.warnings,
    passes: prepared.prompts.length + pairs * (2 + 2 * facts.layers * facts.heads),
  };
}
