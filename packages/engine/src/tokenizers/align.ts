import { EngineError } from "../errors.ts";
import { byteOffsets } from "./token-bytes.ts";

/** A token with the bytes it stands for. */
export interface SpelledToken {
  /** As a person should see it. */
  shown: string;
  bytes: Uint8Array;
  /** Special and other added tokens stand as they are; the text around them is tokenised apart. */
  added: boolean;
}

/**
 * The characters each token covers, `[start, end)` in UTF-16 units, found by walking through the text's bytes. A token of part of a
 * character covers the whole character; a space that the tokenizer put in front covers nothing. What does not fit is refused.
 * @param spaced whether tokens carry their spaces (else any space may stand between two of them)
 */
export function alignTokens(
  text: string,
  tokens: readonly SpelledToken[],
  spaced: boolean,
): [start: number, end: number][] {
  const { bytes, start, end } = byteOffsets(text);
  let at = 0;
  const skipSpace = () => {
    while (!spaced && at < bytes.length && isSpace(bytes[at]!)) at++;
  };
  const spans = tokens.map(({ bytes: own, shown }, i): [number, number] => {
    const putInFront = spaced && startsPiece(tokens, i) && hasExtraSpace(tokens, i, bytes, at);
    const spelled = putInFront ? own.subarray(1) : own;
    if (!matches(bytes, at, spelled)) skipSpace();
    if (!matches(bytes, at, spelled)) {
      throw new EngineError(
        "BAD_TOKENIZER",
        `tokens of ${JSON.stringify(text)}: token ${i} (${JSON.stringify(shown)}) does not spell the text at byte ${at} (the tokenizer rewrites its input or does not know these characters; use others)`,
      );
    }
    const first = at;
    at += spelled.length;
    const here = start[first] ?? text.length;
    return spelled.length > 0 ? [here, end[at - 1]!] : [here, here];
  });
  skipSpace();
  if (at !== bytes.length) {
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokens of ${JSON.stringify(text)}: cover ${at} of ${bytes.length} bytes (the tokenizer drops characters it does not know; use others)`,
    );
  }
  return spans;
}

const startsPiece = (tokens: readonly SpelledToken[], i: number) =>
  !tokens[i]!.added && (i === 0 || tokens[i - 1]!.added);

/** Whether a piece spells its part of the text only without its first space: the tokenizer put that space there. */
function hasExtraSpace(
  tokens: readonly SpelledToken[],
  from: number,
  bytes: Uint8Array,
  at: number,
): boolean {
  if (tokens[from]!.bytes[0] !== SPACE) return false;
  if (bytes[at] !== SPACE) return true;
  const next = tokens.findIndex(({ added }, i) => i > from && added);
  const piece = tokens.slice(from, next === -1 ? undefined : next).flatMap((token) => [...token.bytes]);
  return !matches(bytes, at, piece) && matches(bytes, at, piece.slice(1));
}

const SPACE = 0x20;
const isSpace = (byte: number) => byte === SPACE || (byte >= 9 && byte <= 13);
const matches = (bytes: Uint8Array, at: number, own: ArrayLike<number>) => {
  if (at + own.length > bytes.length) return false;
  for (let i = 0; i < own.length; i++) if (bytes[at + i] !== own[i]) return false;
  return true;
};
