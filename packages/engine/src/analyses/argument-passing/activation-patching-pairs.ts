import {
  type Corruption,
  type Counterfactual,
  type DropReport,
  dropReport,
} from "../../tasks/counterfactuals/counterfactual.ts";
import { drawCounterfactuals } from "../../tasks/counterfactuals/draw.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import type { FactPrompts } from "../analysis.ts";
import type { FurtherContext } from "../further.ts";

/** A prompt and the counterfactual that asks for something; `wrongToken` is its answer. */
export interface Pair {
  prompt: PreparedPrompt;
  counterfactual: Counterfactual & { wrongToken: number };
}

export interface DrawnPairs {
  /** Pairs of each measured fact, in the order of `inOrder`. */
  pairs: Pair[][];
  drops: DropReport;
}

/**
 * Facts and prompts by index, each fact with its first `sweepPrompts` prompts: results then do not depend on the order in which they came.
 */
export const inOrder = ({
  measured,
  settings,
}: Pick<FurtherContext, "measured" | "settings">): FactPrompts[] =>
  [...measured]
    .sort((a, b) => a.index - b.index)
    .map(({ index, prompts }) => ({
      index,
      prompts: [...prompts].sort((a, b) => a.index - b.index).slice(0, settings.sweepPrompts),
    }));

export function drawPairs(corruption: Corruption, context: FurtherContext): DrawnPairs {
  const facts = inOrder(context);
  const { settings, tokenizer, related, model, task } = context;
  const drawn = drawCounterfactuals(corruption, facts, {
    facts: context.facts,
    taskId: task.id,
    related,
    tokenizer,
    settings,
    positions: model.positions,
  });
  const pairs = facts.map(({ prompts }) =>
    prompts.flatMap((prompt) => {
      const own = drawn.get(prompt.index)!;
      if ("reason" in own || own.counterfactual.wrongToken === null) return [];
      const { counterfactual } = own;
      return [{ prompt, counterfactual: { ...counterfactual, wrongToken: own.counterfactual.wrongToken } }];
    }),
  );
  return { pairs, drops: dropReport(drawn) };
}
