import { EngineError } from "../../errors.ts";
import { hookName } from "../../hooks/hook-points.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type { KnownFilter } from "../../results/receipt.ts";
import { type PreparedPrompt, prepareTask } from "../../tasks/prepare.ts";
import type { FurtherContext } from "../further.ts";

/** Another relation asked about the subjects of measured facts. */
export interface OtherRelation {
  task: string;
  candidates: readonly number[];
  /** Facts of the other task whose subject is that of a measured fact with another answer token. */
  shared: SharedFact[];
}
export interface SharedFact {
  /** Place among the measured facts. */
  measured: number;
  answerToken: number;
  prompts: readonly PreparedPrompt[];
}

/** Related tasks as prompts about the measured subjects; those that cannot be asked come with the reason. */
export function otherRelations({ related, tokenizer, settings, model, facts, measured }: FurtherContext): {
  relations: OtherRelation[];
  skipped: { task: string; reason: string }[];
} {
  const bySubject = new Map(measured.map(({ index }, i) => [facts[index]!.subject, i]));
  const relations: OtherRelation[] = [];
  const skipped: { task: string; reason: string }[] = [];
  for (const task of related) {
    try {
      const prepared = prepareTask(task, tokenizer, settings, model.positions);
      const shared = prepared.facts.flatMap(({ subject, answerToken }, f) => {
        const own = bySubject.get(subject);
        if (own === undefined || facts[measured[own]!.index]!.answerToken === answerToken) return [];
        return [{ measured: own, answerToken, prompts: prepared.prompts.filter(({ fact }) => fact === f) }];
      });
      relations.push({ task: task.id, candidates: prepared.candidates.map(({ token }) => token), shared });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      skipped.push({ task: task.id, reason: error.message });
    }
  }
  return { relations, skipped };
}

/**
 * Whether the known filter holds on at least half of a shared fact's prompts.
 * @param results per prompt, with the last hook_resid_post captured at the last position
 */
export async function isKnownHere(
  { answerToken, prompts }: SharedFact,
  candidates: readonly number[],
  results: readonly PassResult[],
  { instruments, settings, model }: Pick<FurtherContext, "instruments" | "settings" | "model">,
): Promise<boolean> {
  const final = hookName("hook_resid_post", model.layers - 1);
  const targets = [answerToken, ...candidates];
  let holds = 0;
  for (const { captures } of results) {
    const { logit, rank } = await instruments.read(instruments.normalise(captures.get(final)!), [targets], 1);
    const candidateRank = logit.subarray(1).filter((other) => other > logit[0]!).length;
    if (passes(settings.knownFilter, rank[0]!, candidateRank)) holds++;
  }
  return 2 * holds >= prompts.length;
}

function passes(filter: KnownFilter, rank: number, candidateRank: number): boolean {
  if (filter === "CANDIDATE_TOP1") return candidateRank === 0;
  return rank < (filter === "TOP1" ? 1 : 10);
}
