import type { SweptPosition } from "../../results/head-position-sweep.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import type { Pair } from "./activation-patching-pairs.ts";
import type { Locate } from "./activation-patching-sweep.ts";

const SUBJECT: readonly SweptPosition[] = ["subjFirst", "subjMiddle", "subjLast"];

/**
 * Token positions from the subject on by what they are to a prompt, so that they mean the same whatever stands before them: each position has
 * one name. `last` comes before every other name and `subjLast` before `subjFirst`; `+k` is the k-th token after the subject, and all tokens
 * between the subject's first and last are one place.
 */
export function sweptPositions({
  tokens,
  subjectSpan: [first, end],
}: Pick<PreparedPrompt, "tokens" | "subjectSpan">): Map<SweptPosition, number[]> {
  const out = new Map<SweptPosition, number[]>();
  for (let position = first; position < tokens.length; position++) {
    const name = nameOf(position, first, end, tokens.length);
    out.set(name, [...(out.get(name) ?? []), position]);
  }
  return out;
}

function nameOf(position: number, first: number, end: number, length: number): SweptPosition {
  if (position === length - 1) return "last";
  if (position >= end) return `+${position - end + 1}`;
  if (position === end - 1) return "subjLast";
  return position === first ? "subjFirst" : "subjMiddle";
}

/** All names that some pair has, in the order of a prompt. */
export function allPositions(pairs: readonly Pair[]): SweptPosition[] {
  const found = new Set(pairs.flatMap(({ prompt }) => [...sweptPositions(prompt).keys()]));
  const place = (name: SweptPosition) => {
    if (name === "last") return Number.POSITIVE_INFINITY;
    return name.startsWith("+") ? Number(name) : SUBJECT.indexOf(name) - SUBJECT.length;
  };
  return [...found].sort((a, b) => place(a) - place(b));
}

/** The corrupted prompt differs in the subject's tokens only: a position is the same in both. */
export const locateSwept: Locate<SweptPosition> = ({ prompt }, name) => {
  const own = sweptPositions(prompt).get(name);
  return own ? [own, own] : null;
};
