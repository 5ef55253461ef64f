import type { Json } from "./check-kinds.ts";

/** How a byte-level tokenizer cuts a text before it joins bytes, and what else its name says. */
interface PreTokenizer {
  steps: readonly Json[];
  /** Composes characters (NFC), which GGUF files do not say of any tokenizer. */
  composes?: true;
  /** A word that is a token is one, whatever the merges say. */
  wholeWords?: true;
  /** Puts the start token first unless the file says otherwise. */
  startByDefault?: true;
}

const WORDS: Json = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: true };
const BYTES: Json = { ...WORDS, use_regex: false };
const digitByDigit: PreTokenizer = {
  steps: [{ type: "Digits", individual_digits: true }, WORDS],
};
const split = (digits: string): Json => ({
  type: "Split",
  pattern: {
    Regex: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  },
  behavior: "Isolated",
  invert: false,
});
const llama3: PreTokenizer = {
  steps: [split("\\p{N}{1,3}"), BYTES],
  wholeWords: true,
  startByDefault: true,
};
const neox: PreTokenizer = { steps: [WORDS], composes: true };

/**
 * `tokenizer.ggml.pre`, the name of the tokenizer that was converted, with what that tokenizer's own tokenizer.json says. llama.cpp cuts by the same
 * expressions (llama-vocab.cpp) but does not compose characters.
 */
export const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = Object.assign(Object.create(null), {
  "gpt-2": { steps: [WORDS] },
  // The tokenizer of GPT-NeoX and Pythia, by the names of models that share it.
  olmo: neox,
  mpt: neox,
  smollm: digitByDigit,
  starcoder: digitByDigit,
  "llama-bpe": llama3,
  llama3,
  "llama-v3": llama3,
  qwen2: { steps: [split("\\p{N}"), BYTES], composes: true },
} satisfies Record<string, PreTokenizer>);
