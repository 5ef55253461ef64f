import { EngineError } from "../../errors.ts";
import type { LivePair, ShownToken } from "../../results/live.ts";
import type { RunSettings } from "../../results/receipt.ts";
import { type PreparedPrompt, prepareTask } from "../../tasks/prepare.ts";
import type { Task } from "../../tasks/task.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";
import type { OpenModel } from "../open-model.ts";

/** A prompt of a run, by which its counterfactual is found again. */
export interface PairOfRun {
  task: Task;
  settings: RunSettings;
  /** Place among the run's prompts. */
  prompt: number;
  /** What the run's prompt was: the task, asked again, must give the same. */
  tokens: readonly number[];
}

export interface Pair {
  clean: readonly number[];
  corrupted: readonly number[];
  answer: number;
  wrong: number;
}

/**
 * The counterfactual that a run used for one of its prompts.
 * @throws EngineError BAD_PAIR where it had none; BAD_TASK where the task gives another prompt than the run had
 */
export function pairOfRun({ task, settings, prompt, tokens }: PairOfRun, model: OpenModel): Pair {
  const { positions } = model.session.spec.facts;
  const prepared = prepareTask(task, model.tokenizer, settings, positions);
  const own: PreparedPrompt | undefined = prepared.prompts[prompt];
  if (own?.tokens.join() !== tokens.join())
    throw new EngineError(
      "BAD_TASK",
      `prompt ${prompt}: task ${task.id}, asked again, gives another one than the run had (repeat the run)`,
    );
  if (!own.corrupted)
    throw new EngineError(
      "BAD_PAIR",
      `prompt ${prompt}: no donor has as many subject tokens as ${prepared.facts[own.fact]!.subject}, so nothing can be patched (choose another prompt)`,
    );
  return {
    clean: own.tokens,
    corrupted: own.corrupted.tokens,
    answer: own.answerToken,
    wrong: own.corrupted.wrongToken,
  };
}

export const shown = (id: number, tokenizer: Tokenizer): ShownToken => ({
  id,
  text: tokenizer.tokenText(id),
});

export const shownPair = ({ clean, corrupted, answer, wrong }: Pair, tokenizer: Tokenizer): LivePair => ({
  clean: clean.map((id) => shown(id, tokenizer)),
  corrupted: corrupted.map((id) => shown(id, tokenizer)),
  answer: shown(answer, tokenizer),
  wrong: shown(wrong, tokenizer),
});
