import type { Edit, ForwardPass, Knockout, PassResult } from "../planner/forward-pass.ts";

/** A change of a hook point whose value may come from the same place of another prompt. */
export interface LiveEdit extends Omit<Edit, "value"> {
  /** Numbers, or what stands in the source prompt's run at the same position or at `position` of it. */
  value?: Float32Array | { source: true; position?: number };
}

/** One prompt, what is changed in it, and what is asked of its last position. */
export interface LivePrompt {
  tokens: readonly number[];
  edits: readonly LiveEdit[];
  knockouts?: readonly Knockout[];
  /** Where edits take values from. */
  source?: readonly number[];
  answer?: number;
  /** How many of the likeliest tokens are wanted. */
  top: number;
}

export interface TokenReading {
  token: number;
  logit: number;
  probability: number;
  /** Tokens with a larger logit. */
  rank: number;
}

/** What the last position says: the likeliest tokens, and the answer wherever it stands. */
export interface LiveReading {
  top: TokenReading[];
  answer: TokenReading | null;
}

/** The prompt as it is, changed, and the source where there is one: three passes at most, for answers while someone waits. */
export function livePasses({ tokens, edits, knockouts, source }: LivePrompt): ForwardPass[] {
  const changed = edits.map(
    ({ value, ...edit }): Edit => ({
      ...edit,
      ...(value && { value: value instanceof Float32Array ? value : fromSource(value) }),
    }),
  );
  return [
    { tokens, logits: "last" },
    { tokens, logits: "last", edits: changed, ...(knockouts && { knockouts }) },
    ...(source ? [{ tokens: source }] : []),
  ];
}

/**
 * The same passes without edits that multiply by 1 and add nothing: they are no change, and would only be computed in another order of
 * additions, whose last digits differ.
 */
export const withoutIdentities = (passes: readonly ForwardPass[]): ForwardPass[] =>
  passes.map(({ edits, ...pass }) => ({
    ...pass,
    ...(edits && { edits: edits.filter(({ scale, value }) => scale !== 1 || value !== undefined) }),
  }));

const SOURCE = 2;
/** What the passes are to the one who asked. */
export const LIVE_PASSES = ["the prompt", "the changed prompt", "the source prompt"] as const;

const fromSource = ({ position }: { position?: number }): Edit["value"] => ({
  pass: SOURCE,
  ...(position !== undefined && { position }),
});

/** @param result of a pass that gives the last position's logits */
export function readLive(
  result: PassResult,
  { answer, top }: Pick<LivePrompt, "answer" | "top">,
): LiveReading {
  return {
    top: readTokens(result, largestOf(result.logits!, top)),
    answer: answer === undefined ? null : readTokens(result, [answer])[0]!,
  };
}

/** What the same result says of some tokens, in their order. */
export function readTokens({ logits }: PassResult, tokens: readonly number[]): TokenReading[] {
  const own = logits!;
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of own) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of own) sum += Math.exp(logit - largest);
  return tokens.map((token) => {
    const logit = own[token]!;
    let rank = 0;
    for (const other of own) if (other > logit) rank++;
    return { token, logit, probability: Math.exp(logit - largest) / sum, rank };
  });
}

/** Tokens of the largest logits, largest first; of equal ones the smaller id. */
function largestOf(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (best.length === count && logit <= logits[best.at(-1)!]!) continue;
    let at = best.length;
    while (at > 0 && logits[best[at - 1]!]! < logit) at--;
    best.splice(at, 0, token);
    if (best.length > count) best.pop();
  }
  return best;
}
