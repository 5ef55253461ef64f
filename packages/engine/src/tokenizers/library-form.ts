import { type Json, METASPACE, modelOf, stepsOf } from "./check-kinds.ts";

/** GPT-2's words, with the reference library's notion of spaces: the JavaScript one counts U+FEFF in and U+0085 out. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * tokenizer.json with its pre-tokenizers said as regular expressions, where the JavaScript library does something else under their names:
 * `Digits` are digits of any script, `Whitespace` splits words of any script by spaces of any, `Metaspace` may split, splits may merge with a neighbour.
 */
export function libraryForm(json: Json): Json {
  const steps = stepsOf(json.pre_tokenizer).flatMap(rewritten);
  const pre_tokenizer = steps.length === 0 ? null : { type: "Sequence", pretokenizers: steps };
  return {
    normalizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: [],
    ...json,
    model: modelOf(json),
    pre_tokenizer,
  };
}

function rewritten(step: Json): Json[] {
  switch (step.type) {
    case "Digits":
      return [isolated(step.individual_digits ? "\\p{N}" : "\\p{N}+")];
    case "WhitespaceSplit":
      return [pieces("\\S+")];
    case "Whitespace":
      return [pieces("\\w+|[^\\w\\s]+")];
    case "ByteLevel": {
      const front = { type: "Replace", pattern: { Regex: "\\A[^ ]" }, content: " $&" };
      return [
        ...(step.add_prefix_space ? [front] : []),
        ...(step.use_regex === false ? [] : [isolated(WORDS)]),
        { ...step, add_prefix_space: false, use_regex: false },
      ];
    }
    case "Metaspace": {
      const scheme = step.prepend_scheme ?? (step.add_prefix_space === false ? "never" : "always");
      const split = pieces(mergedWithNext(METASPACE));
      return [{ ...step, prepend_scheme: scheme }, ...(step.split === false ? [] : [split])];
    }
    case "Split":
      return [splitStep(step)];
    default:
      return [step];
  }
}

function splitStep(step: Json): Json {
  const pattern = step.pattern as { String?: string; Regex?: string };
  const found = pattern.Regex ?? (pattern.String ?? "").replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  switch (step.behavior) {
    case "MergedWithPrevious":
      return pieces(`(?:(?!${found})[\\s\\S])*(?:${found})|(?:(?!${found})[\\s\\S])+`);
    case "MergedWithNext":
      return pieces(mergedWithNext(found));
    case "Contiguous":
      return isolated(`(?:${found})+`);
    case "Removed":
      return step;
    default:
      return isolated(found);
  }
}

const mergedWithNext = (found: string) => `(?:${found})(?:(?!${found})[\\s\\S])*|(?:(?!${found})[\\s\\S])+`;
const isolated = (Regex: string) => ({
  type: "Split",
  pattern: { Regex },
  behavior: "Isolated",
  invert: false,
});
/** Keeps what the expression finds and nothing between. */
const pieces = (Regex: string) => ({ type: "Split", pattern: { Regex }, behavior: "Removed", invert: true });
