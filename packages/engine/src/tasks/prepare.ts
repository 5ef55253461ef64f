import { EngineError } from "../errors.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { type AdmittedFact, admitFact, type DroppedFact, dropSharedTokens } from "./admission.ts";
import type { PromptRoles } from "./encode-prompt.ts";
import { chooseDonors } from "./pairs.ts";
import { promptTexts, shotFacts } from "./prompts.ts";
import type { Task } from "./task.ts";

export interface PreparedFact {
  subject: string;
  answer: string;
  answerToken: number;
  answerTokens: number[];
  /** Place of the donor among the prepared facts; null where no fact fits (see `warnings`). */
  donor: number | null;
}

export interface PreparedPrompt {
  index: number;
  fact: number;
  frame: string;
  text: string;
  tokens: number[];
  subjectSpan: [number, number];
  roles: PromptRoles;
  answerToken: number;
  answerTokens: number[];
  /** The same prompt about the donor, and the donor's answer token. */
  corrupted: { tokens: number[]; wrongToken: number } | null;
}

export interface PreparedTask {
  facts: PreparedFact[];
  prompts: PreparedPrompt[];
  /** Distinct answer tokens with the answers they stand for. */
  candidates: { token: number; answers: string[] }[];
  dropped: DroppedFact[];
  warnings: string[];
}

/** Builds, checks and pairs the prompts of a task for one tokenizer. Plain data; the same input gives the same prompts. */
export function prepareTask(
  task: Task,
  tokenizer: Tokenizer,
  settings: RunSettings,
  positions: number,
): PreparedTask {
  const dropped: DroppedFact[] = [];
  const admitted: AdmittedFact[] = [];
  for (const [index, fact] of task.facts.entries()) {
    const result = admitFact(index, fact, promptTexts(task, settings, index), tokenizer, positions);
    if ("reason" in result)
      dropped.push({ subject: fact.subject, answer: fact.answer, reason: result.reason });
    else admitted.push(result);
  }
  const { kept, dropped: shared } = dropSharedTokens(admitted);
  dropped.push(...shared);
  if (kept.length < 2) {
    const reasons = dropped.slice(0, 5).map(({ subject, reason }) => `${subject}: ${reason}`);
    throw new EngineError(
      "BAD_TASK",
      `task ${task.id}: ${kept.length} of ${task.facts.length} facts can be asked of this model (at least 2 needed); ${reasons.join("; ")}${dropped.length > 5 ? "; ..." : ""}`,
    );
  }
  if (new Set(kept.map(({ answerToken }) => answerToken)).size < 2) {
    throw new EngineError(
      "BAD_TASK",
      `task ${task.id}: all ${kept.length} facts that can be asked of this model have the answer ${kept[0]!.answer} (at least 2 answers needed, or nothing can be known)`,
    );
  }
  const donors = chooseDonors(
    kept,
    (fact, as) => promptTexts(task, settings, fact.taskIndex, as.taskIndex),
    (fact, donor) =>
      shotFacts(task, settings, fact.taskIndex).some(
        (f) => f.subject === donor.subject || f.answer === donor.answer,
      ),
    tokenizer,
    `${settings.seed} ${task.id}`,
  );
  const prompts = kept.flatMap((fact, f) =>
    fact.prompts.map((prompt, i) => ({
      index: 0,
      fact: f,
      frame: prompt.frame,
      text: prompt.text,
      tokens: prompt.tokens,
      subjectSpan: prompt.subjectSpan,
      roles: prompt.roles,
      answerToken: fact.answerToken,
      answerTokens: fact.answerTokens,
      corrupted: donors[f]
        ? { tokens: donors[f]!.corrupted[i]!, wrongToken: kept[donors[f]!.fact]!.answerToken }
        : null,
    })),
  );
  for (const [index, prompt] of prompts.entries()) prompt.index = index;
  const lone = kept.filter((_, f) => !donors[f]).map(({ subject }) => subject);
  return {
    facts: kept.map(({ subject, answer, answerToken, answerTokens }, f) => ({
      subject,
      answer,
      answerToken,
      answerTokens,
      donor: donors[f]?.fact ?? null,
    })),
    prompts,
    candidates: candidatesOf(kept),
    dropped,
    warnings: lone.length
      ? [
          `not patched, as no fact with another answer has a subject of as many tokens in every prompt: ${lone.join(", ")}`,
        ]
      : [],
  };
}

function candidatesOf(facts: readonly AdmittedFact[]): PreparedTask["candidates"] {
  const answers = new Map<number, Set<string>>();
  for (const { answerToken, answer } of facts)
    answers.set(answerToken, (answers.get(answerToken) ?? new Set()).add(answer));
  return [...answers].map(([token, set]) => ({ token, answers: [...set] }));
}
