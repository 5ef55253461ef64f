import { ANALYSES } from "../analyses/index.ts";
import { isKnown } from "../analyses/prediction/outcomes.ts";
import { inGroups } from "../math/in-groups.ts";
import { execute, throwIfCancelled } from "../planner/execute.ts";
import { mergePasses } from "../planner/merge-passes.ts";
import { KNOWN_FILTERS, type KnownFilter, type RunSettings } from "../results/receipt.ts";
import type { PreparedTask } from "../tasks/prepare.ts";
import type { Task } from "../tasks/task.ts";
import { askTask } from "./ask-task.ts";
import { checkSettings } from "./check-settings.ts";
import type { OpenModel } from "./open-model.ts";
import { ProgressMeter, type RunProgress } from "./progress.ts";

export interface KnownFacts {
  facts: {
    subject: string;
    answer: string;
    /** By filter, whether it holds on at least half of the fact's prompts, as in a run. */
    known: Record<KnownFilter, boolean>;
    /** Of each prompt: its frame, the answer's rank over the vocabulary and among the candidates (0 = top), and the likeliest token. */
    prompts: { frame: string; rank: number; candidateRank: number; top: string }[];
  }[];
  dropped: PreparedTask["dropped"];
  warnings: string[];
  /** Distinct answers that can be told apart by their first token. */
  candidates: number;
}

/** Facts whose prompts go through the model together. */
const FACTS_PER_STEP = 8;

/** What a model knows of a task: the clean predictions of a run, and nothing else of it. @throws EngineError BAD_TASK, BAD_SETTINGS, CANCELLED */
export async function knownFacts(
  model: OpenModel,
  task: Task,
  settings: RunSettings,
  options: { signal?: AbortSignal; onProgress?: (progress: RunProgress) => void } = {},
): Promise<KnownFacts> {
  checkSettings(settings);
  const { signal } = options;
  const { prepared, context, facts: asked } = askTask(model, task, settings);
  const meter = new ProgressMeter(options.onProgress);
  meter.step("facts", asked.length);
  const facts: KnownFacts["facts"] = [];
  for (const group of inGroups(asked, FACTS_PER_STEP)) {
    throwIfCancelled(signal);
    const prompts = group.flatMap((fact) => fact.prompts);
    const merged = mergePasses(prompts.map((prompt) => ANALYSES.outcomes.passes(prompt, context)));
    const results = await execute(model.session, merged.passes, { ...(signal && { signal }) });
    for (const fact of group) {
      const own = fact.prompts.map((prompt) => merged.resultsOf(results, prompts.indexOf(prompt)));
      const outcomes = await ANALYSES.outcomes.measure(fact, own, context);
      const { subject, answer } = prepared.facts[fact.index]!;
      facts.push({
        subject,
        answer,
        known: Object.fromEntries(
          KNOWN_FILTERS.map((filter) => [filter, isKnown(outcomes, filter)]),
        ) as Record<KnownFilter, boolean>,
        prompts: outcomes.map(({ rank, candidateRank, topTokens }, i) => ({
          frame: fact.prompts[i]!.frame,
          rank,
          candidateRank,
          top: model.tokenizer.tokenText(topTokens[0]!.token),
        })),
      });
      meter.done(facts.length);
    }
  }
  return {
    facts,
    dropped: prepared.dropped,
    warnings: prepared.warnings,
    candidates: prepared.candidates.length,
  };
}
