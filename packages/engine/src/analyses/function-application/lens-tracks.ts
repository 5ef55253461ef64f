import type { ResidualState } from "../../hooks/residual-states.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import type { FactPrompts } from "../analysis.ts";
import type { FurtherContext } from "../further.ts";

/** One token's lens on one prompt, each `[state]`. */
export interface LensTrack {
  rank: Float64Array;
  centredLogit: Float64Array;
  probability: Float64Array;
}
export interface PromptTracks {
  prompt: number;
  subject: LensTrack;
  answer: LensTrack;
  control: LensTrack | null;
  otherRelation: LensTrack | null;
}

/**
 * Logit lens of a fact's tokens on its prompts. @param results per prompt, every state captured at the last position
 * @param others answers of other relations about the same subject
 */
export async function follow(
  { index, prompts }: FactPrompts,
  results: readonly PassResult[],
  others: readonly number[],
  states: readonly ResidualState[],
  { facts, model, instruments }: FurtherContext,
): Promise<PromptTracks[]> {
  const { subjectToken, answerToken, donor } = facts[index]!;
  const donorToken = donor === null ? null : facts[donor]!.subjectToken;
  // A donor whose name starts with the same token cannot serve as a control.
  const control = donorToken === subjectToken ? null : donorToken;
  const tokens = [subjectToken, answerToken, ...(control === null ? [] : [control]), ...others];
  const firstOther = tokens.length - others.length;
  const out: PromptTracks[] = [];
  for (const [i, { index: prompt }] of prompts.entries()) {
    const rows = new Float32Array(states.length * model.width);
    for (const [s, { hook }] of states.entries()) rows.set(results[i]!.captures.get(hook)!, s * model.width);
    const read = await instruments.read(
      instruments.normalise(rows),
      states.map(() => tokens),
      tokens.length,
    );
    const track = (columnAt: (state: number) => number): LensTrack => ({
      rank: Float64Array.from(states, (_, s) => read.rank[s * tokens.length + columnAt(s)]!),
      centredLogit: Float64Array.from(
        states,
        (_, s) => read.logit[s * tokens.length + columnAt(s)]! - read.mean[s]!,
      ),
      probability: Float64Array.from(states, (_, s) =>
        Math.exp(read.logit[s * tokens.length + columnAt(s)]! - read.logSumExp[s]!),
      ),
    });
    const likeliest = (s: number) => {
      const own = read.logit.subarray(s * tokens.length + firstOther, (s + 1) * tokens.length);
      return firstOther + own.indexOf(Math.max(...own));
    };
    out.push({
      prompt,
      subject: track(() => 0),
      answer: track(() => 1),
      control: control === null ? null : track(() => 2),
      otherRelation: others.length ? track(likeliest) : null,
    });
  }
  return out;
}
