import type { FactPrompts } from "../analyses/analysis.ts";
import { ANALYSES } from "../analyses/index.ts";
import { isKnown, type Outcome } from "../analyses/prediction/outcomes.ts";
import { inGroups } from "../math/in-groups.ts";
import { execute, throwIfCancelled } from "../planner/execute.ts";
import { mergePasses } from "../planner/merge-passes.ts";
import type { AskedTask } from "./ask-task.ts";
import type { OpenModel } from "./open-model.ts";

/** Analyses of the clean pass that look at known facts only. */
const ON_KNOWN = [
  "logitLens",
  "directLogitAttribution",
  "subjectAttention",
  "decomposition",
  "finalLayer",
] as const;
type KnownAnalysis = (typeof ON_KNOWN)[number] | "headPatching";
type MeasurementOf<Id extends keyof typeof ANALYSES> = Awaited<ReturnType<(typeof ANALYSES)[Id]["measure"]>>;

/** What every run measures of one fact. Plain data, which other processes can take up. */
export interface MeasuredFact {
  /** Place among the admitted facts. */
  index: number;
  /** Per prompt. */
  outcomes: Outcome[];
  /** Null where the model does not know the fact. */
  known: { [Id in KnownAnalysis]: MeasurementOf<Id> } | null;
}

/** Facts whose clean passes go through the model together. */
export const FACTS_PER_STEP = 4;

/** Patched passes that go through the model together, at most. */
const PASSES_PER_STEP = 16_384;

const CLEAN = ["outcomes", ...ON_KNOWN] as const;

/** The clean passes of some facts, those that analyses share once. */
export const cleanPasses = (facts: readonly FactPrompts[], context: AskedTask["context"]) => {
  const prompts = facts.flatMap((fact) => fact.prompts);
  return mergePasses(CLEAN.flatMap((id) => prompts.map((prompt) => ANALYSES[id].passes(prompt, context))));
};

/** Every head of some facts patched, in both directions. */
export const headPasses = (facts: readonly FactPrompts[], context: AskedTask["context"]) =>
  mergePasses(
    facts.flatMap(({ prompts }) => prompts.map((prompt) => ANALYSES.headPatching.passes(prompt, context))),
  );

/** Known facts whose patched passes go through the model together. */
export function patchedTogether(
  known: readonly FactPrompts[],
  { model }: AskedTask["context"],
): Generator<FactPrompts[]> {
  const perStep = Math.floor(PASSES_PER_STEP / patchedPasses(model, known[0]?.prompts.length ?? 1));
  return inGroups(known, Math.max(1, perStep));
}

type Clean = { [Id in (typeof ON_KNOWN)[number]]: MeasurementOf<Id> };

/**
 * Measures some facts of a task: clean passes of all, then every head patched in both directions for those the model knows.
 * @param onDone is told how many of the facts are done; halves count the clean passes
 */
export async function measureFacts(
  model: OpenModel,
  { context, facts: all }: AskedTask,
  { from, to }: { from: number; to: number },
  { signal, onDone = () => {} }: { signal?: AbortSignal; onDone?: (facts: number) => void } = {},
): Promise<MeasuredFact[]> {
  const facts = all.slice(from, to);
  const cancel = signal && { signal };
  const outcomes: Outcome[][] = [];
  const clean = new Map<FactPrompts, Clean>();
  for (const group of inGroups(facts, FACTS_PER_STEP)) {
    throwIfCancelled(signal);
    const prompts = group.flatMap((fact) => fact.prompts);
    const merged = cleanPasses(group, context);
    const results = await execute(model.session, merged.passes, { ...cancel });
    for (const fact of group) {
      throwIfCancelled(signal);
      const of = (id: (typeof CLEAN)[number]) =>
        fact.prompts.map((prompt) =>
          merged.resultsOf(results, CLEAN.indexOf(id) * prompts.length + prompts.indexOf(prompt)),
        );
      const own = await ANALYSES.outcomes.measure(fact, of("outcomes"), context);
      outcomes.push(own);
      if (isKnown(own, context.settings.knownFilter)) {
        const measured = {} as Record<string, unknown>;
        for (const id of ON_KNOWN) measured[id] = await ANALYSES[id].measure(fact, of(id), context);
        clean.set(fact, measured as Clean);
      }
      onDone(outcomes.length / 2);
    }
  }

  const known = facts.filter((fact) => clean.has(fact));
  const patched = new Map<FactPrompts, MeasurementOf<"headPatching">>();
  for (const group of patchedTogether(known, context)) {
    throwIfCancelled(signal);
    const prompts = group.flatMap((fact) => fact.prompts);
    const merged = headPasses(group, context);
    const results = await execute(model.session, merged.passes, { ...cancel });
    for (const fact of group) {
      const own = fact.prompts.map((prompt) => merged.resultsOf(results, prompts.indexOf(prompt)));
      patched.set(fact, await ANALYSES.headPatching.measure(fact, own, context));
    }
    onDone(facts.length / 2 + (facts.length * patched.size) / (2 * known.length));
  }
  return facts.map((fact, i) => ({
    index: fact.index,
    outcomes: outcomes[i]!,
    known: clean.has(fact) ? { ...clean.get(fact)!, headPatching: patched.get(fact)! } : null,
  }));
}

/** Passes that patching every head of one fact's prompts takes, in both directions. */
export const patchedPasses = (model: { layers: number; heads: number }, prompts: number): number =>
  2 * model.layers * model.heads * prompts;
