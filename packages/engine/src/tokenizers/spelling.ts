import type { SpelledToken } from "./align.ts";
import { type AddedToken, addedTokens, type Json, METASPACE, stepsOf } from "./check-kinds.ts";
import { type Rewriting, sourceText } from "./source-text.ts";
import { type Spelling, showBytes, tokenBytes } from "./token-bytes.ts";

const NONE = { before: false, after: false };

/** How a tokenizer writes a text and its tokens, read from a checked tokenizer.json. */
export class TokenSpelling {
  readonly rewriting: Rewriting;
  /** Whether tokens carry their spaces. */
  readonly spaced: boolean;
  /** What is put in front of a piece of text. */
  readonly front: Uint8Array | null;
  /** Whether some added token takes the spaces beside it along. */
  readonly strips: boolean;
  private readonly spelling: Spelling;
  private readonly prepends: boolean;
  private readonly normalizes: boolean;
  private readonly added: ReadonlyMap<number, AddedToken>;

  constructor(json: Json) {
    const [normalizers, splits] = [stepsOf(json.normalizer), stepsOf(json.pre_tokenizer)];
    const all = [...normalizers, ...splits, ...stepsOf(json.decoder)];
    const has = (steps: readonly Json[], kind: string) => steps.some(({ type }) => type === kind);
    this.spelling = has(all, "ByteLevel")
      ? "byte-level"
      : has(all, "Metaspace") || all.some(({ content }) => content === METASPACE)
        ? "metaspace"
        : "plain";
    const metaspace = this.spelling === "metaspace";
    this.spaced = this.spelling !== "plain";
    this.prepends = has(normalizers, "Prepend");
    this.normalizes = normalizers.length > 0;
    const prefixes = splits.some(({ type, add_prefix_space }) => type === "ByteLevel" && add_prefix_space);
    const front = this.prepends || has(splits, "Metaspace") ? METASPACE : prefixes ? " " : null;
    this.front = front === null ? null : new TextEncoder().encode(front);
    const added = addedTokens(json);
    this.added = new Map(added.map((token) => [token.id, token]));
    this.strips = added.some(({ lstrip, rstrip }) => lstrip || rstrip);
    const composes = has(normalizers, "NFC");
    const apart = added.filter((token) => this.standsApart(token));
    this.rewriting = { composes, metaspace, verbatim: composes ? anyOf(apart) : null };
  }

  /** @param token its string in the vocabulary; undefined: the id is not used */
  spell(id: number, token: string | undefined): SpelledToken {
    const added = this.added.get(id);
    if (added) {
      const apart = this.standsApart(added);
      const front = !apart && this.prepends ? METASPACE : "";
      return {
        shown: added.content,
        bytes: sourceText(front + added.content, { ...this.rewriting, verbatim: null }).bytes,
        apart,
        strips: { before: added.lstrip === true, after: added.rstrip === true },
      };
    }
    if (token === undefined)
      return { shown: `<unused ${id}>`, bytes: new Uint8Array(), apart: false, strips: NONE };
    const bytes = tokenBytes(token, this.spelling);
    const shown =
      this.spelling === "metaspace" ? showBytes(bytes).replaceAll(METASPACE, " ") : showBytes(bytes);
    return { shown, bytes, apart: false, strips: NONE };
  }

  /** Special tokens are looked for in the text as it is, others (and special ones on request) after it is normalized. */
  private standsApart({ normalized, special }: AddedToken): boolean {
    return !(this.normalizes && (normalized ?? !special));
  }
}

function anyOf(tokens: readonly AddedToken[]): RegExp | null {
  if (tokens.length === 0) return null;
  const longestFirst = tokens.map(({ content }) => content).sort((a, b) => b.length - a.length);
  return new RegExp(
    `(${longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|")})`,
    "u",
  );
}
