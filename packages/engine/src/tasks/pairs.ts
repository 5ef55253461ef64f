import { seededRandom, shuffled } from "../math/random.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { AdmittedFact } from "./admission.ts";
import { containsWord } from "./contains-word.ts";
import { type EncodedPrompt, encodePrompt } from "./encode-prompt.ts";
import type { PromptText } from "./prompts.ts";

export interface Donor {
  /** Place among the admitted facts. */
  fact: number;
  /** The fact's prompts with the donor's subject, in the same order. */
  corrupted: number[][];
}

/**
 * One donor per fact: another fact of the same subject length whose prompts differ from the fact's in the subject's tokens only and whose
 * answer is another. A seeded matching that uses every donor once where it can; where no such matching covers a fact, a donor serves twice.
 * @param textsAs prompts of one admitted fact asking about another's subject
 * @param excluded whether the donor stands in the fact's demonstrations
 */
export function chooseDonors(
  facts: readonly AdmittedFact[],
  textsAs: (fact: AdmittedFact, as: AdmittedFact) => PromptText[],
  excluded: (fact: AdmittedFact, donor: AdmittedFact) => boolean,
  tokenizer: Tokenizer,
  seed: string,
): (Donor | null)[] {
  const order = shuffled(
    facts.map((_, i) => i),
    seededRandom(`donors ${seed}`),
  );
  const rank = new Map(order.map((fact, i) => [fact, i]));
  const options = facts.map((fact, i) => {
    const candidates = facts
      .map((_, j) => j)
      .filter(
        (j) =>
          j !== i &&
          sameShape(fact, facts[j]!) &&
          facts[j]!.answerToken !== fact.answerToken &&
          !containsWord(facts[j]!.subject, fact.answer) &&
          !excluded(fact, facts[j]!),
      );
    // Start each fact at its own place in the shuffled order, so that the matching looks like a shuffle and not like a sorted list.
    return candidates.sort((a, b) => distanceAfter(i, a) - distanceAfter(i, b));
  });
  function distanceAfter(i: number, j: number): number {
    return (rank.get(j)! - rank.get(i)! + facts.length) % facts.length;
  }
  const corrupted = new Map<string, number[][] | null>();
  const usable = (i: number, j: number): number[][] | null => {
    const key = `${i} ${j}`;
    if (!corrupted.has(key)) corrupted.set(key, corruptedTokens(facts[i]!, facts[j]!, textsAs, tokenizer));
    return corrupted.get(key)!;
  };

  const servedBy = new Map<number, number>();
  const assigned = new Map<number, number>();
  const assign = (i: number, visited: Set<number>): boolean => {
    for (const j of options[i]!) {
      if (visited.has(j) || !usable(i, j)) continue;
      visited.add(j);
      const other = servedBy.get(j);
      if (other === undefined || assign(other, visited)) {
        servedBy.set(j, i);
        assigned.set(i, j);
        return true;
      }
    }
    return false;
  };
  for (const i of order) assign(i, new Set());
  return facts.map((_, i) => {
    const j = assigned.get(i) ?? options[i]!.find((option) => usable(i, option));
    return j === undefined ? null : { fact: j, corrupted: usable(i, j)! };
  });
}

const subjectLengths = (fact: AdmittedFact) =>
  fact.prompts.map(({ subjectSpan: [first, end] }) => end - first).join();
const sameShape = (a: AdmittedFact, b: AdmittedFact) => subjectLengths(a) === subjectLengths(b);

/** @returns null where a corrupted prompt would differ from the clean one outside the subject */
function corruptedTokens(
  fact: AdmittedFact,
  donor: AdmittedFact,
  textsAs: (fact: AdmittedFact, as: AdmittedFact) => PromptText[],
  tokenizer: Tokenizer,
): number[][] | null {
  const texts = textsAs(fact, donor);
  const out: number[][] = [];
  for (const [i, clean] of fact.prompts.entries()) {
    const prompt = encodePrompt(texts[i]!, donor.answer, tokenizer);
    if ("reason" in prompt || !differsInSubjectOnly(clean, prompt)) return null;
    out.push(prompt.tokens);
  }
  return out;
}

function differsInSubjectOnly(a: EncodedPrompt, b: EncodedPrompt): boolean {
  const [first, end] = a.subjectSpan;
  return (
    a.tokens.length === b.tokens.length &&
    b.subjectSpan[0] === first &&
    b.subjectSpan[1] === end &&
    a.tokens.every((id, i) => (i >= first && i < end) || b.tokens[i] === id)
  );
}
