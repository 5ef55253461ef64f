import { readFileSync } from "node:fs";
import path from "node:path";
import { execute } from "../../src/planner/execute.ts";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import type { OpenModel } from "../../src/runner/open-model.ts";
import { LEAD_INS } from "../../src/tasks/lead-ins.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { prepareTask } from "../../src/tasks/prepare.ts";

export const ROOT = path.join(import.meta.dirname, "..", "..", "..", "..");

/** By task: the lead-ins that none of its facts was seen with in training, written by the models' recipe. */
const HELD_OUT = JSON.parse(
  readFileSync(path.join(import.meta.dirname, "..", "fixtures", "bundled", "held-out.json"), "utf8"),
) as Record<string, { leadIns: string[] }>;
export const TASKS = Object.keys(HELD_OUT);

/**
 * The share of all facts of a task whose answer is the likeliest token of the vocabulary in every frame with a held-out lead-in. Facts that
 * cannot be asked of the model count as not known.
 */
export async function shareKnown({ session, tokenizer }: OpenModel, id: string): Promise<number> {
  const task = await loadTask(path.join(ROOT, "tasks", `${id}.json`));
  const { vocabulary, positions } = session.spec.facts;
  const settings = { ...DEFAULT_SETTINGS, leadIns: LEAD_INS.length };
  const { facts, prompts } = prepareTask(task, tokenizer, settings, positions);
  const asked = prompts.filter(({ frame }) =>
    HELD_OUT[id]!.leadIns.some((leadIn) => frame.endsWith(`/${leadIn}`)),
  );
  if (asked.length !== facts.length * task.clauses.length * HELD_OUT[id]!.leadIns.length)
    throw new Error(`${id}: ${asked.length} prompts of ${facts.length} facts; are the lead-ins still there?`);
  const results = await execute(
    session,
    asked.map(({ tokens }) => ({ tokens, logits: "last" as const })),
  );
  const missed = new Set<number>();
  for (const [i, { fact, answerToken }] of asked.entries()) {
    const logits = results[i]!.logits!;
    for (let token = 0; token < vocabulary; token++)
      if (logits[token]! > logits[answerToken]!) missed.add(fact);
  }
  return (facts.length - missed.size) / task.facts.length;
}
