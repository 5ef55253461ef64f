import { ByteFallbackDecoder, Tokenizer as Library } from "@huggingface/tokenizers";
import { EngineError } from "../errors.ts";
import { alignTokens, type SpelledToken } from "./align.ts";
import { type AddedToken, type Json, modelOf } from "./check-kinds.ts";
import { libraryForm } from "./library-form.ts";
import { sourceText } from "./source-text.ts";
import { TokenSpelling } from "./spelling.ts";
import { textOf } from "./token-bytes.ts";
import type { Token, Tokenizer } from "./tokenizer.ts";

type Merge = string | readonly string[];

/** Opens the library's tokenizer of a checked tokenizer.json. @throws Error where the library cannot use it */
export function openLibrary(json: Json): Library {
  // Nothing of tokenizer_config.json: in there, the library would obey keys that the reference library does not know.
  const library = new Library(libraryForm(json), {});
  normalizeAdded(library);
  decodeBytesAsTheyAre(library);
  return library;
}

/**
 * A token looked for in normalized text is found, and spelt, in its normalized form only. This library would also take its plain form
 * for it, wherever that is all that lies between two tokens.
 */
function normalizeAdded({ model, normalizer, ...library }: Library): void {
  if (normalizer === null || model === null) return;
  const known = Reflect.get(library, "added_tokens_map") as Map<string, AddedToken>;
  for (const [found, { id, content, normalized }] of [...known]) {
    const written = normalizer(content);
    if (!normalized || found !== content || written === content) continue;
    known.delete(content);
    model.vocab[id] = written;
  }
}

/** Of byte tokens, this library drops a byte order mark, and joins what is no text otherwise than the reference library does. */
function decodeBytesAsTheyAre({ decoder }: Library): void {
  const text_decoder = { decode: (bytes: Uint8Array) => textOf(bytes) ?? "\uFFFD".repeat(bytes.length) };
  for (const step of [decoder, ...((Reflect.get(decoder ?? {}, "decoders") as unknown[] | undefined) ?? [])])
    if (step instanceof ByteFallbackDecoder) Object.assign(step, { text_decoder });
}

/** The library's tokens, with the characters they cover and this model's start token. */
export class LibraryTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly bos: { prepended: boolean; token: number | null };
  private readonly spelling: TokenSpelling;
  private readonly merges: readonly Merge[] | null;
  private readonly spelled = new Map<number, SpelledToken>();

  constructor(
    json: Json,
    private readonly library: Library,
    private readonly start: number | null,
    readonly hash: string,
  ) {
    this.spelling = new TokenSpelling(json);
    this.vocabularySize =
      1 + [...library.get_vocab(true).values()].reduce((most, id) => Math.max(most, id), -1);
    this.bos = { prepended: start !== null, token: start };
    const { merges } = modelOf(json);
    this.merges = Array.isArray(merges) && merges.length > 0 ? merges : null;
  }

  encode(text: string): Token[] {
    const { strips, rewriting } = this.spelling;
    if (strips && text.includes("\u0085"))
      throw new EngineError(
        "BAD_TOKENIZER",
        `tokens of ${JSON.stringify(text)}: next-line characters (U+0085) beside tokens that take spaces along are not supported; use others`,
      );
    // Words outside a vocabulary without an unknown token come back as undefined.
    const ids: (number | undefined)[] = this.library.encode(text, { add_special_tokens: false }).ids;
    const known = ids.filter((id) => id !== undefined);
    if (known.length < ids.length)
      throw new EngineError("BAD_TOKENIZER", `tokens of ${JSON.stringify(text)}: not in the vocabulary`);
    const spelled = known.map((id) => this.spell(id));
    const spans = alignTokens(text, sourceText(text, rewriting), spelled, this.spelling);
    const tokens = known.map((id, i): Token => ({ id, span: spans[i]! }));
    return this.start === null ? tokens : [{ id: this.start, span: null }, ...tokens];
  }

  decode(ids: readonly number[]): string {
    if (ids.length === 0) return "";
    return this.library.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  tokenText(id: number): string {
    return this.spell(id).shown;
  }

  mergeRanks(): ReadonlyMap<number, number> | null {
    if (!this.merges) return null;
    const ranks = new Map<number, number>();
    for (const [rank, merge] of this.merges.entries()) {
      const id = this.library.token_to_id((typeof merge === "string" ? merge.split(" ") : merge).join(""));
      if (id !== undefined && !ranks.has(id)) ranks.set(id, rank);
    }
    return ranks;
  }

  private spell(id: number): SpelledToken {
    let spelled = this.spelled.get(id);
    if (!spelled) {
      spelled = this.spelling.spell(id, this.library.id_to_token(id));
      this.spelled.set(id, spelled);
    }
    return spelled;
  }
}
