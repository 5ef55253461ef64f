import { seededRandom } from "../../../packages/engine/src/math/random.ts";

/** Clean and corrupted prompts of equal length, and the two tokens whose logits are compared. */
export interface Pairs {
  clean: number[][];
  corrupted: number[][];
  answer: number[];
  wrong: number[];
}

/** Where clean and corrupted of a FACTS-like pair differ. */
export const SUBJECT = { first: 5, count: 2 };

const below = (random: () => number, limit: number) => Math.floor(random() * limit);
const tokens = (random: () => number, count: number, vocabulary: number) =>
  Array.from({ length: count }, () => below(random, vocabulary));

/** RANDOM pairs: clean and corrupted differ everywhere, nothing recurs. The worst case for anything that shares work. */
export function randomPairs(count: number, length: number, vocabulary: number): Pairs {
  const random = seededRandom(`random pairs ${length}`);
  const out: Pairs = { clean: [], corrupted: [], answer: [], wrong: [] };
  for (let i = 0; i < count; i++) {
    out.clean.push(tokens(random, length, vocabulary));
    out.corrupted.push(tokens(random, length, vocabulary));
    addAnswers(out, random, vocabulary);
  }
  return out;
}

/**
 * FACTS-like pairs: four frames recur (the same words before and after the subject), and clean and corrupted of a pair differ in a subject of
 * two tokens only, at positions 5 and 6 of 12.
 */
export function factPairs(count: number, length: number, vocabulary: number): Pairs {
  const random = seededRandom("fact pairs");
  const frames = Array.from({ length: 4 }, () => tokens(random, length, vocabulary));
  const out: Pairs = { clean: [], corrupted: [], answer: [], wrong: [] };
  for (let i = 0; i < count; i++) {
    const frame = frames[i % frames.length]!;
    const about = (subject: number[]) => [
      ...frame.slice(0, SUBJECT.first),
      ...subject,
      ...frame.slice(SUBJECT.first + SUBJECT.count),
    ];
    out.clean.push(about(tokens(random, SUBJECT.count, vocabulary)));
    out.corrupted.push(about(tokens(random, SUBJECT.count, vocabulary)));
    addAnswers(out, random, vocabulary);
  }
  return out;
}

function addAnswers(pairs: Pairs, random: () => number, vocabulary: number): void {
  const answer = below(random, vocabulary);
  pairs.answer.push(answer);
  pairs.wrong.push((answer + 1 + below(random, vocabulary - 1)) % vocabulary);
}

/** Prompts of `length` tokens, the first `shared` of them from one of `groups` prefixes. */
export function promptsWithPrefix(
  count: number,
  length: number,
  shared: number,
  groups: number,
  vocabulary: number,
): number[][] {
  const random = seededRandom(`prompts ${length} ${shared} ${groups}`);
  const prefixes = Array.from({ length: groups }, () => tokens(random, shared, vocabulary));
  return Array.from({ length: count }, (_, i) => [
    ...prefixes[i % groups]!,
    ...tokens(random, length - shared, vocabulary),
  ]);
}

/** The first `count` pairs. */
export const firstPairs = (pairs: Pairs, count: number): Pairs => ({
  clean: pairs.clean.slice(0, count),
  corrupted: pairs.corrupted.slice(0, count),
  answer: pairs.answer.slice(0, count),
  wrong: pairs.wrong.slice(0, count),
});
