/** One token of an encoded text with the characters it covers: `[start, end)` in UTF-16 units of the text; null for special tokens. */
export interface Token {
  id: number;
  span: readonly [number, number] | null;
}

/** The engine's thin contract over the tokenizer library. */
export interface Tokenizer {
  /** Ids run from 0 to one less than this. */
  readonly vocabularySize: number;
  /** Whether `encode` puts a start token first, and which, as this model's own tokenizer does. */
  readonly bos: { prepended: boolean; token: number | null };
  /** sha-256 of tokenizer.json and the start-token policy. */
  readonly hash: string;
  /** Tokens of a text, with the model's start token if it has one. */
  encode(text: string): Token[];
  decode(ids: readonly number[]): string;
  /** Place in the list of merges (0 = first learnt) of the merge that makes a token; null where the tokenizer learnt no merges. */
  mergeRanks?(): ReadonlyMap<number, number> | null;
  /** One token as a person should see it: leading space kept, bytes that are no text as <0xNN>. */
  tokenText(id: number): string;
}
