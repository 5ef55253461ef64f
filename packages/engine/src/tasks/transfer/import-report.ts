/** Why a row, a fact or a clause of an imported file does not become a part of the task. */
export const DROP_RULES = {
  "not-a-fact": "is not a fact of this format",
  "wrong-columns": "has another number of columns than the header",
  "no-subject": "has no subject",
  "no-answer": "has no answer",
  braces: "has braces, which mark places in a task",
  duplicate: "repeats a fact",
  "several-answers": "is one of several answers to the same subject",
  "answer-in-subject": "has its answer in its subject",
  "answer-in-clause": "has its answer in a clause",
  "no-slot": "has no place for the subject",
  "several-slots": "has more than one place for the subject",
  "not-before-answer": "does not end right before the answer",
  "unknown-place": "has a place that is neither subject nor answer",
  "no-words": "says nothing besides its subject",
  "names-answers": "names the answers of at least half of the facts",
  "duplicate-clause": "repeats a clause",
  "alias-dropped": "is an empty or repeated form of an answer",
  "unknown-field": "is no field of a task",
} as const;
export type DropRule = keyof typeof DROP_RULES;

/** What was made plain on the way in. */
export const CHANGE_RULES = {
  whitespace: "outer, repeated or unusual blanks became single ones",
  nfc: "decomposed accents were composed (NFC)",
  slot: "the place of the subject is now written {subject}",
  cut: "the place of the answer and what follows it were cut off",
  "lower-case": "the first word is in lower case, as lead-ins come before it",
} as const;
export type ChangeRule = keyof typeof CHANGE_RULES;

export interface Dropped {
  rule: DropRule;
  /** Where in the file: `line 3`, `samples[2]`, `[17]`. */
  where: string;
  /** The text as it stood there. */
  what: string;
  /** The clause or the other answers it clashes with, where there are such. */
  because?: string;
}

export interface Changed {
  rule: ChangeRule;
  where: string;
  from: string;
  to: string;
}

/** Everything that an import left out or changed. What is in none of these lists came through as it was. */
export interface ImportReport {
  facts: { read: number; kept: number };
  clauses: { read: number; kept: number };
  dropped: Dropped[];
  changed: Changed[];
  /** What concerns the file as a whole: its byte order mark, its blank lines, what the format has no place for. */
  notes: string[];
}

export const emptyReport = (): ImportReport => ({
  facts: { read: 0, kept: 0 },
  clauses: { read: 0, kept: 0 },
  dropped: [],
  changed: [],
  notes: [],
});

/** How often each rule was used, most often first. */
export function countRules<Rule extends string>(entries: readonly { rule: Rule }[]): [Rule, number][] {
  const counts = new Map<Rule, number>();
  for (const { rule } of entries) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
