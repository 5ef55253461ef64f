import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { checkPosition } from "./check-position.ts";
import type { ForwardPass } from "./forward-pass.ts";

const bad = (message: string) => new EngineError("BAD_INPUT", message);

/** Refuses knockouts outside the model or the prompt, of later keys, and those that leave a query nothing to attend to. */
export function checkKnockouts({ knockouts, tokens }: ForwardPass, where: string, facts: ModelFacts): void {
  /** Keys taken from each head of each layer and query, over all knockouts. */
  const taken = new Map<string, Set<number>>();
  for (const { layer, head, query, keys } of knockouts ?? []) {
    const at = `knockout in ${where}`;
    within(layer, facts.layers, `layer of a ${at}`);
    if (head !== undefined) within(head, facts.heads, `head of a ${at}, layer ${layer}`);
    checkPosition(query, tokens.length, `the query of a ${at}, layer ${layer}`);
    const position = query < 0 ? tokens.length + query : query;
    if (keys.length === 0)
      throw bad(`keys of a ${at}, layer ${layer}: none given (0 to ${position} allowed; or leave it out)`);
    for (const key of keys) {
      if (!Number.isInteger(key) || key < 0 || key > position) {
        throw bad(
          `key of a ${at}, layer ${layer}: ${key} (allowed: 0 to ${position}, the query; later keys are never seen)`,
        );
      }
    }
    const heads = head === undefined ? Array.from({ length: facts.heads }, (_, h) => h) : [head];
    for (const own of heads) {
      const name = `${layer} ${own} ${position}`;
      const gone = taken.get(name) ?? new Set<number>();
      for (const key of keys) gone.add(key);
      taken.set(name, gone);
      if (gone.size > position) {
        throw bad(
          `knockouts in ${where}: head ${own} of layer ${layer} has no key left at position ${position} (keep at least one of 0 to ${position})`,
        );
      }
    }
  }
}

function within(value: number, count: number, what: string): void {
  if (Number.isInteger(value) && value >= 0 && value < count) return;
  throw bad(`${what}: ${value} (allowed: 0 to ${count - 1})`);
}
