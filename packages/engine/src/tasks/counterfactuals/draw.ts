import type { PreparedFact, PreparedPrompt } from "../prepare.ts";
import { type Corruption, type Drawn, type DrawnByPrompt, rolePositions } from "./counterfactual.ts";
import { genericCounterfactual } from "./generic.ts";
import { type RelationInput, relationCounterfactuals } from "./relation.ts";

export interface DrawInput extends RelationInput {
  /** All admitted facts of the run, in their order: donors are places in it. */
  facts: readonly PreparedFact[];
  taskId: string;
}

/**
 * Counterfactuals of the given facts' prompts. SUBJECT: the donor's subject (chosen when the task was prepared); RELATION: another
 * relation's clause about the same subject; BOTH: that clause about the donor's subject; GENERIC: a neutral clause. Deterministic in
 * the settings' seed.
 */
export function drawCounterfactuals(
  corruption: Corruption,
  facts: readonly { index: number; prompts: readonly PreparedPrompt[] }[],
  input: DrawInput,
): DrawnByPrompt {
  const out = new Map<number, Drawn>();
  for (const { index, prompts } of facts) {
    const drawn = ofFact(corruption, index, prompts, input);
    for (const [i, prompt] of prompts.entries()) out.set(prompt.index, drawn[i]!);
  }
  return out;
}

function ofFact(
  corruption: Corruption,
  index: number,
  prompts: readonly PreparedPrompt[],
  input: DrawInput,
): Drawn[] {
  const { facts, taskId, tokenizer, settings } = input;
  const fact = facts[index]!;
  const donor = fact.donor === null ? null : facts[fact.donor]!;
  const lone = { reason: `no donor has as many subject tokens as ${fact.subject}` };
  switch (corruption) {
    case "SUBJECT":
      return prompts.map((prompt) =>
        donor && prompt.corrupted ? subjectCounterfactual(prompt, `${taskId}/${donor.subject}`) : lone,
      );
    case "RELATION":
      return relationCounterfactuals(prompts, fact.answer, fact.subject, input);
    case "BOTH":
      return donor
        ? relationCounterfactuals(prompts, fact.answer, donor.subject, input)
        : prompts.map(() => lone);
    case "GENERIC":
      return prompts.map((prompt) => genericCounterfactual(prompt, fact.answer, tokenizer, settings.seed));
  }
}

/** The corrupted prompt differs from the clean one in its subject's tokens only, so every role stays where it is. */
const subjectCounterfactual = (prompt: PreparedPrompt, source: string): Drawn => ({
  counterfactual: {
    source,
    tokens: prompt.corrupted!.tokens,
    positions: rolePositions(prompt),
    wrongToken: prompt.corrupted!.wrongToken,
    aligned: true,
  },
});
