import type { Token, Tokenizer } from "../../src/tokenizers/tokenizer.ts";

/**
 * A tokenizer that can be followed by hand: words with the space before them, cut into pieces of `width` characters; texts of `merged`
 * are one token wherever they stand. Ids are given as pieces are met, after the start token 0.
 */
export function tinyTokenizer({ width = 99, merged = [] as string[] } = {}): Tokenizer {
  const ids = new Map<string, number>([["<s>", 0]]);
  const escaped = merged.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp([...escaped, " ?[\\p{L}\\p{N}]+", "[^\\p{L}\\p{N}]"].join("|"), "gu");
  const idOf = (piece: string): number => {
    if (!ids.has(piece)) ids.set(piece, ids.size);
    return ids.get(piece)!;
  };
  const texts = () => [...ids.keys()];
  return {
    vocabularySize: 100_000,
    bos: { prepended: true, token: 0 },
    hash: "tiny",
    encode(text) {
      const tokens: Token[] = [{ id: 0, span: null }];
      for (const { 0: word, index } of text.matchAll(pattern)) {
        const size = merged.includes(word) ? word.length : width;
        for (let at = 0; at < word.length; at += size) {
          const piece = word.slice(at, at + size);
          tokens.push({ id: idOf(piece), span: [index + at, index + at + piece.length] });
        }
      }
      return tokens;
    },
    decode: (tokens) => tokens.map((id) => texts()[id]).join(""),
    tokenText: (id) => texts()[id] ?? `<unused ${id}>`,
  };
}
