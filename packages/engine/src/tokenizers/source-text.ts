import { METASPACE } from "./check-kinds.ts";

/** A text as its tokens spell it: UTF-8 bytes, and for each byte the characters `[start, end)` of the text, in UTF-16 units. */
export interface SourceText {
  bytes: Uint8Array;
  start: Uint32Array;
  end: Uint32Array;
}

/** How a tokenizer rewrites a text before it looks for tokens. */
export interface Rewriting {
  /** Characters and the marks after them are composed (NFC); the characters of a composition share their span. */
  composes: boolean;
  /** Spaces are written U+2581. */
  metaspace: boolean;
  /** Finds the added tokens that are looked for in the text before it is rewritten; null where there are none. */
  verbatim: RegExp | null;
}

const encoder = new TextEncoder();
/** Hangul letters and syllables compose with the letters after them, everything else only with marks. */
const COMPOSED = /[\u1100-\u115F\uAC00-\uD7A3][\u1160-\u11FF]*\p{M}*|[\s\S]\p{M}*/gu;

export function sourceText(text: string, { composes, metaspace, verbatim }: Rewriting): SourceText {
  const bytes: number[] = [];
  const [start, end]: [number[], number[]] = [[], []];
  const put = (written: string, from: number, to: number) => {
    for (const byte of encoder.encode(written)) {
      bytes.push(byte);
      start.push(from);
      end.push(to);
    }
  };
  const putCharacters = (part: string, at: number) => {
    let unit = at;
    for (const character of part) {
      put(metaspace && character === " " ? METASPACE : character, unit, unit + character.length);
      unit += character.length;
    }
  };
  let unit = 0;
  for (const part of verbatim ? text.split(verbatim) : [text]) {
    for (const [group] of composes ? part.matchAll(COMPOSED) : [[part] as const]) {
      const composed = composes ? group.normalize("NFC") : group;
      if (composed === group) putCharacters(group, unit);
      else for (const [character, from, to] of originsOf(group)) put(character, unit + from, unit + to);
      unit += group.length;
    }
  }
  return { bytes: Uint8Array.from(bytes), start: Uint32Array.from(start), end: Uint32Array.from(end) };
}

/**
 * The characters of a composed group with the places in the group that they come from. Marks are sorted when they are composed, and
 * decomposing gives the same parts on both sides: each character spans the parts it is made of.
 */
function originsOf(group: string): [character: string, from: number, to: number][] {
  const parts: { part: string; from: number; to: number }[] = [];
  let unit = 0;
  for (const character of group) {
    const to = unit + character.length;
    for (const part of character.normalize("NFD")) parts.push({ part, from: unit, to });
    unit = to;
  }
  return [...group.normalize("NFC")].map((character) => {
    const own = [...character.normalize("NFD")].map((part) => {
      const place = parts.findIndex((other) => other.part === part);
      return parts.splice(place, 1)[0]!;
    });
    return [character, Math.min(...own.map(({ from }) => from)), Math.max(...own.map(({ to }) => to))];
  });
}
