import type { FurtherContext } from "../further.ts";
import { meansOverPrompts } from "../per-fact.ts";
import { isBelowZero } from "./judging.ts";
import { finalResidual, type LastLayerRow } from "./last-layer.ts";

/**
 * Heads whose direct logit attribution to the answer is below 0 and below that to the other candidates, by the intervals over the facts
 * given. A head that lowers all candidates alike is none.
 * @param rows `[fact of those with included][prompt]`
 * @param included of `context.measured`
 */
export async function suppressorsOn(
  rows: readonly LastLayerRow[][],
  included: readonly boolean[],
  context: Pick<FurtherContext, "model" | "instruments" | "candidates" | "measured" | "bootstrap">,
): Promise<number[]> {
  const { model, instruments, candidates, measured } = context;
  if (candidates.length < 2) return [];
  const directions = await instruments.directions(candidates);
  const [answers, contrasts]: [Float64Array[][], Float64Array[][]] = [[], []];
  let at = 0;
  for (const [f, { prompts }] of measured.entries()) {
    const own = included[f] ? rows[at++]! : [];
    const [answer, contrast]: [Float64Array[], Float64Array[]] = [[], []];
    for (const [p, row] of own.entries()) {
      const dla = await instruments.product(row.heads, directions, model.width);
      const scale = instruments.scales(finalResidual(row))[0]!;
      const right = candidates.indexOf(prompts[p]!.answerToken);
      const [onAnswer, over] = [new Float64Array(model.heads), new Float64Array(model.heads)];
      for (let head = 0; head < model.heads; head++) {
        const values = dla.subarray(head * candidates.length, (head + 1) * candidates.length);
        const others = values.reduce((sum, value, c) => sum + (c === right ? 0 : value), 0);
        onAnswer[head] = values[right]! / scale;
        over[head] = (values[right]! - others / (candidates.length - 1)) / scale;
      }
      answer.push(onAnswer);
      contrast.push(over);
    }
    answers.push(answer);
    contrasts.push(contrast);
  }
  const answer = meansOverPrompts(answers, model.heads, context);
  const contrast = meansOverPrompts(contrasts, model.heads, context);
  return [...answer.keys()].filter((head) => isBelowZero(answer[head]!) && isBelowZero(contrast[head]!));
}
