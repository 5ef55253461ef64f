import type { ModelFacts } from "../architectures/architecture.ts";
import { USUAL_MEMORY } from "../session/model-memory.ts";
import { type Batch, packBatches } from "./batches.ts";
import type { ForwardPass } from "./forward-pass.ts";
import { rowBudget, rowCosts } from "./memory.ts";
import { linkSequences, type Sequence } from "./sequences.ts";
import { addWork, noWork, type Work, workOf } from "./work.ts";

/** How a plan would be carried out. */
export interface PlanWork {
  sequences: readonly Sequence[];
  batches: readonly Batch[];
  work: Work;
}

/** Walks a plan by the rules of its execution, without computing. @throws EngineError as `execute` does for passes that cannot be computed */
export function planWork(
  passes: readonly ForwardPass[],
  facts: ModelFacts,
  maxMemory = USUAL_MEMORY.activations,
): PlanWork {
  const sequences = linkSequences(passes, facts);
  const batches = packBatches(sequences, rowBudget(facts, maxMemory), rowCosts(facts));
  const work = noWork();
  for (const batch of batches) addWork(work, workOf(batch, facts));
  return { sequences, batches, work };
}
