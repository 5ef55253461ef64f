import { containsWord } from "../contains-word.ts";

const GRAMMAR =
  "a an the of in on at to by for from with as into is was are were be been it its that which who what where and or has have had does do did they them their you he she his her";
/** Words that stand before many kinds of answers and tell them apart from none. */
const VAGUE = "named called name city country need";
const isGrammar = wordIn(GRAMMAR);
const isVague = wordIn(`${GRAMMAR} ${VAGUE}`);

function wordIn(list: string): (word: string) => boolean {
  const words = new Set(list.split(" "));
  return (word) => words.has(word.toLowerCase());
}

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}-]*/gu) ?? [];

/** A title or label, and its words that may name its relation, the last first. */
export const hintsOf = (label: string): string[] => [
  label,
  ...wordsOf(label)
    .filter((word) => !isGrammar(word))
    .reverse(),
];

/** The word of a clause that names its relation: the first hint that stands there, else its last word that is more than grammar, else its last. */
export function relationOf(text: string, hints: readonly string[] = []): string {
  const hint = hints.find((word) => containsWord(text, word));
  if (hint !== undefined) return hint;
  const words = wordsOf(text.replace("{subject}", " ").replace(/'s\b/g, " "));
  return words.findLast((word) => !isVague(word)) ?? words.at(-1) ?? text;
}
