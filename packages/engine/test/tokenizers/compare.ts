import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Tokenizer } from "../../src/tokenizers/tokenizer.ts";

/** What the reference library answers for a text; decoded is null where it is the text again. */
export type Answer = [ids: number[], starts: number[], ends: number[], decoded: string | null];

export const readZipped = (file: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));

/** What we answer otherwise than the reference library; null: the same. */
export function difference(tokenizer: Tokenizer, text: string, answer: Answer): string | null {
  const [ids, starts, ends, decoded] = answer;
  const ours = tokenizer.encode(text);
  const got = ours.map(({ id }) => id);
  if (String(got) !== String(ids)) return `${JSON.stringify(text)}: ids ${got} instead of ${ids}`;
  for (const [i, { span }] of ours.entries()) {
    const [start, end] = [starts[i]!, ends[i]!];
    if (span !== null && !sameSpan(text, span, start, end))
      return `${JSON.stringify(text)}: token ${i} covers ${span} instead of ${start},${end}`;
  }
  const again = tokenizer.decode(got);
  return again === (decoded ?? text) ? null : `${JSON.stringify(text)}: decoded as ${JSON.stringify(again)}`;
}

/**
 * Spans differ on purpose where a space that the tokenizer put in front covers nothing here and the first character there, where a
 * composed character covers its letter and marks here and its letter there, and where marks are sorted before they are composed.
 */
function sameSpan(text: string, [from, to]: readonly [number, number], start: number, end: number): boolean {
  if (from === start && (to === from || to === end)) return true;
  if (text.normalize("NFC") === text) return false;
  if ([...text].map((character) => character.normalize("NFD")).join("") !== text.normalize("NFD"))
    return true;
  return from === start && to > end && /^[\p{M}\u1160-\u11FF]*$/u.test(text.slice(end, to));
}
