import { EngineError } from "../errors.ts";
import type { SourceText } from "./source-text.ts";

/** A token with the bytes it stands for. */
export interface SpelledToken {
  /** As a person should see it. */
  shown: string;
  bytes: Uint8Array;
  /** A special or other added token that stands as it is: the text around it is tokenised apart. */
  apart: boolean;
  /** Whether the token takes the spaces before or after it along. */
  strips: { before: boolean; after: boolean };
}

export interface Spacing {
  /** Whether tokens carry their spaces; else any may stand between two of them. */
  spaced: boolean;
  /** What the tokenizer may put in front of a piece of text that stands between tokens apart; null: nothing. */
  front: Uint8Array | null;
}

/**
 * The characters each token covers, `[start, end)` in UTF-16 units, found by walking through the text's bytes. A token of part of a
 * character covers the whole character; a space that the tokenizer put in front covers nothing. What does not fit is refused.
 */
export function alignTokens(
  text: string,
  source: SourceText,
  tokens: readonly SpelledToken[],
  { spaced, front }: Spacing,
): [start: number, end: number][] {
  const { bytes, start, end } = source;
  let at = 0;
  const skipSpaces = () => {
    let length = spaceAt(bytes, at);
    while (length > 0) {
      at += length;
      length = spaceAt(bytes, at);
    }
  };
  const spans = tokens.map(({ bytes: own, shown, strips }, i): [number, number] => {
    let first = at;
    const putInFront = front && startsPiece(tokens, i) && hasFront(tokens, i, bytes, at, front);
    const spelled = putInFront ? own.subarray(front.length) : own;
    if (!matches(bytes, at, spelled) && (strips.before || !spaced)) {
      skipSpaces();
      if (!strips.before) first = at;
    }
    if (!matches(bytes, at, spelled)) {
      throw new EngineError(
        "BAD_TOKENIZER",
        `tokens of ${JSON.stringify(text)}: token ${i} (${JSON.stringify(shown)}) does not spell the text at byte ${at} (the tokenizer rewrites its input or does not know these characters; use others)`,
      );
    }
    at += spelled.length;
    if (strips.after) skipSpaces();
    const here = start[first] ?? text.length;
    return at > first ? [here, end[at - 1]!] : [here, here];
  });
  if (!spaced) skipSpaces();
  if (at !== bytes.length) {
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokens of ${JSON.stringify(text)}: cover ${at} of ${bytes.length} bytes (the tokenizer drops characters it does not know; use others)`,
    );
  }
  return spans;
}

const startsPiece = (tokens: readonly SpelledToken[], i: number) =>
  !tokens[i]!.apart && (i === 0 || tokens[i - 1]!.apart);

/** Whether a piece spells its part of the text only without what may stand in front of it: the tokenizer put it there. */
function hasFront(
  tokens: readonly SpelledToken[],
  from: number,
  bytes: Uint8Array,
  at: number,
  front: Uint8Array,
): boolean {
  if (!matches(tokens[from]!.bytes, 0, front)) return false;
  if (!matches(bytes, at, front)) return true;
  const next = tokens.findIndex(({ apart }, i) => i > from && apart);
  const piece = tokens.slice(from, next === -1 ? undefined : next).flatMap((token) => [...token.bytes]);
  return !matches(bytes, at, piece) && matches(bytes, at, piece.slice(front.length));
}

const SPACES = [..."\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"]
  .concat([..."\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u2581"])
  .map((space) => new TextEncoder().encode(space));
/** How many bytes the space at a place has; 0: there is none. */
const spaceAt = (bytes: Uint8Array, at: number): number =>
  SPACES.find((space) => matches(bytes, at, space))?.length ?? 0;

const matches = (bytes: Uint8Array, at: number, own: ArrayLike<number>) => {
  if (at + own.length > bytes.length) return false;
  for (let i = 0; i < own.length; i++) if (bytes[at + i] !== own[i]) return false;
  return true;
};
