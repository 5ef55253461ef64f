import { EngineError } from "../errors.ts";

export type Json = Record<string, unknown>;

/** The parts of tokenizer.json that are known to give the reference library's tokens; whatever else is refused by its name. */
const SUPPORTED = {
  model: ["BPE", "WordLevel"],
  normalizer: ["NFC", "Prepend", "Replace"],
  pre_tokenizer: ["ByteLevel", "Digits", "Metaspace", "Split", "Whitespace", "WhitespaceSplit"],
  post_processor: ["ByteLevel", "TemplateProcessing", "RobertaProcessing", "BertProcessing"],
} as const;

/** A space of the text in sentencepiece vocabularies. */
export const METASPACE = "\u2581";

/** The steps of a part of tokenizer.json in their order, sequences taken apart; none where there is no such part. */
export function stepsOf(part: unknown): Json[] {
  if (!isObject(part)) return [];
  const inner = part.normalizers ?? part.pretokenizers ?? part.processors ?? part.decoders;
  return part.type === "Sequence" && Array.isArray(inner) ? inner.flatMap(stepsOf) : [part];
}

/**
 * Refuses a tokenizer of a kind, or with an option, that would be read in another way than by its own library.
 * @throws EngineError BAD_TOKENIZER that names the part and says what is supported
 */
export function checkKinds(json: Json, file: string): void {
  const refuse = (what: string, allowed: string): never => {
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokenizer: ${file} has ${what}, which is not supported (${allowed})`,
    );
  };
  for (const [part, kinds] of Object.entries(SUPPORTED)) {
    if (part === "model" && !isObject(json.model)) refuse("no model", "is it a tokenizer.json?");
    for (const { type } of part === "model" ? [modelOf(json)] : stepsOf(json[part]))
      if (!(kinds as readonly unknown[]).includes(type))
        refuse(`the ${part} ${JSON.stringify(type)}`, `supported: ${kinds.join(", ")}`);
  }
  const model = modelOf(json);
  for (const option of ["dropout", "continuing_subword_prefix", "end_of_word_suffix"])
    if (model[option]) refuse(`a model with ${option} ${JSON.stringify(model[option])}`, "supported: none");
  for (const { type, prepend, pattern, content } of stepsOf(json.normalizer)) {
    if (type === "Prepend" && prepend !== METASPACE)
      refuse(`a normalizer that prepends ${JSON.stringify(prepend)}`, `supported: "${METASPACE}"`);
    if (type === "Replace" && !((pattern as Json | undefined)?.String === " " && content === METASPACE))
      refuse(`a normalizer that replaces ${JSON.stringify(pattern)}`, `supported: " " by "${METASPACE}"`);
  }
  stepsOf(json.pre_tokenizer).forEach((step, i) => {
    if (step.type === "Metaspace" && (step.replacement ?? METASPACE) !== METASPACE)
      refuse(`a Metaspace of ${JSON.stringify(step.replacement)}`, `supported: "${METASPACE}"`);
    if (step.type === "ByteLevel" && step.add_prefix_space && i > 0)
      refuse("a space put in front of every piece", "supported: in front of a text");
    if (step.type === "Split" && step.invert && step.behavior !== "Isolated" && step.behavior !== "Removed")
      refuse(`an inverted split that is ${JSON.stringify(step.behavior)}`, "supported: Isolated, Removed");
  });
  for (const { content, single_word } of addedTokens(json))
    if (single_word)
      refuse(`the single-word token ${JSON.stringify(content)}`, "supported: tokens found anywhere");
}

export interface AddedToken {
  content: string;
  id: number;
  lstrip?: boolean;
  rstrip?: boolean;
  single_word?: boolean;
  special?: boolean;
  normalized?: boolean;
}

export const addedTokens = (json: Json): AddedToken[] =>
  Array.isArray(json.added_tokens) ? (json.added_tokens as AddedToken[]) : [];

/** A model without a type is BPE where it has merges, as in files of older libraries. */
export function modelOf(json: Json): Json {
  const model = isObject(json.model) ? json.model : {};
  return model.type === undefined && Array.isArray(model.merges) ? { ...model, type: "BPE" } : model;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
