import { EngineError } from "../errors.ts";

type Json = Record<string, unknown>;

/**
 * The start token a model's fast tokenizer puts first: the one of tokenizer.json's post-processor, whatever tokenizer_config.json says
 * (as transformers 5 does). Only where the post-processor puts none, `add_bos_token: true` asks for `bos_token`, as the model was
 * trained with it: OPT, whose files are vocab.json and merges.txt, and older Llama tokenizers. There transformers 5 agrees where there is
 * no tokenizer.json; where there is one, it forgets the key.
 * @returns its token string, or null
 */
export function startToken(tokenizer: Json, config: Json): string | null {
  const leading = leadingTokens(tokenizer.post_processor);
  if (leading.length > 1)
    throw new EngineError(
      "BAD_TOKENIZER",
      `start token: the tokenizer puts ${leading.length} tokens first (${leading.join(", ")}; at most one is supported)`,
    );
  if (leading[0] !== undefined) return leading[0];
  if (config.add_bos_token !== true) return null;
  const bos = config.bos_token;
  const name = typeof bos === "object" && bos !== null ? (bos as Json).content : bos;
  if (typeof name === "string") return name;
  throw new EngineError(
    "BAD_TOKENIZER",
    `start token: tokenizer_config.json sets add_bos_token, but its bos_token is ${JSON.stringify(bos) ?? "missing"} (expected a token)`,
  );
}

function leadingTokens(processor: unknown): string[] {
  if (!processor || typeof processor !== "object") return [];
  const { type, single, processors, cls } = processor as Json;
  if (type === "Sequence" && Array.isArray(processors)) return processors.flatMap(leadingTokens);
  if ((type === "BertProcessing" || type === "RobertaProcessing") && Array.isArray(cls))
    return [String(cls[0])];
  if (type !== "TemplateProcessing" || !Array.isArray(single)) return [];
  const first = single.findIndex((item) => item && typeof item === "object" && "Sequence" in item);
  return single.slice(0, first).map((item) => String((item as { SpecialToken?: Json }).SpecialToken?.id));
}
