import { hookName } from "../../hooks/hook-points.ts";
import { FactBootstrap } from "../../math/fact-bootstrap.ts";
import { seededRandom } from "../../math/random.ts";
import { norm as normOf } from "../../math/vectors.ts";
import type { ForwardPass } from "../../planner/forward-pass.ts";
import { notObserved } from "../../results/estimate.ts";
import type { Transplant, TransplantCondition } from "../../results/intercept-tests.ts";
import type { FurtherContext, StudyTask } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { finalReader } from "./candidate-metrics.ts";
import { randomLike } from "./random-vectors.ts";
import { readable } from "./study-inputs.ts";

/** Vectors of a task at its headline layer. */
export interface SourceVectors {
  task: StudyTask;
  layer: number;
  intercept: Float64Array;
  mean: Float64Array;
  outputs: readonly Float32Array[];
  /** Intercepts of all tasks at this layer, by id. */
  intercepts: ReadonlyMap<string, Float64Array>;
}

const ALPHAS = [1, 2, 4];
const MODES: { mode: TransplantCondition["mode"]; alpha: number }[] = [
  ...ALPHAS.map((alpha) => ({ mode: "ADD" as const, alpha })),
  { mode: "REPLACE", alpha: 1 },
  { mode: "REPLACE_FOLLOWING", alpha: 1 },
];
const PASSES_PER_STEP = 512;
export const REPETITION = "repetition";

interface TargetFact {
  prompts: readonly { tokens: readonly number[] }[];
  /** Place of the source's answer about the subject among the source's candidates. */
  answer: number;
}

/** Transplants of one task's intercept into prompts of every other task about the same subjects, and into repeated words with the subject. */
export async function transplantsOf(
  source: SourceVectors,
  tasks: readonly StudyTask[],
): Promise<Transplant[]> {
  const { context } = source.task;
  const sourceFacts = context.measured.map(({ index }) => context.facts[index]!);
  const answerOf = (subject: string) => {
    const fact = sourceFacts.find((own) => own.subject === subject);
    return fact ? context.candidates.indexOf(fact.answerToken) : null;
  };
  const out: Transplant[] = [];
  for (const target of tasks) {
    if (target === source.task) continue;
    const facts = target.context.measured.flatMap(({ index, prompts }): TargetFact[] => {
      const answer = answerOf(target.context.facts[index]!.subject);
      return answer === null ? [] : [{ answer, prompts: prompts.slice(0, context.settings.sweepPrompts) }];
    });
    // Without shared subjects there is nothing to transplant into.
    if (facts.length > 0) out.push(await transplant(source, target.context.task.id, facts, tasks));
  }
  const repeated = sourceFacts.flatMap(({ subject, answerToken }): TargetFact[] => {
    const tokens = repetition(subject, context);
    return tokens === null
      ? []
      : [{ answer: context.candidates.indexOf(answerToken), prompts: [{ tokens }] }];
  });
  if (repeated.length > 0) out.push(await transplant(source, REPETITION, repeated, tasks));
  return out;
}

/** Words that ask for nothing, around the subject (Merullo et al. 2024); null where the model cannot read them. */
function repetition(subject: string, context: FurtherContext): number[] | null {
  const words = `table mug free ${subject}`;
  return readable(`${words} ${words} table mug free`, context);
}

async function transplant(
  source: SourceVectors,
  target: string,
  facts: readonly TargetFact[],
  tasks: readonly StudyTask[],
): Promise<Transplant> {
  const { context } = source.task;
  const id = context.task.id;
  const other = otherTask(id, target, tasks);
  const random = seededRandom(`transplant ${context.settings.seed} ${id} ${target}`);
  const norm = normOf(source.intercept);
  const vectors: { vector: TransplantCondition["vector"]; from: string; of: () => Float64Array }[] = [
    { vector: "INTERCEPT", from: id, of: () => source.intercept },
    { vector: "MEAN", from: id, of: () => source.mean },
    { vector: "OTHER", from: other, of: () => source.intercepts.get(other)! },
    { vector: "RANDOM", from: id, of: () => randomLike(source.outputs, source.mean, norm, random) },
  ];
  const cells = vectors.flatMap(({ of, ...vector }) => MODES.map((mode) => ({ ...vector, ...mode, of })));
  const reader = await finalReader(context.candidates, context);
  const prompts = facts.flatMap((fact, place) =>
    fact.prompts.map(({ tokens }) => ({ tokens, place, answer: fact.answer })),
  );
  const capture = [{ hook: reader.hook, positions: "last" as const }];
  /** `[condition, the first untouched][fact][prompt]`. */
  const measured = [null, ...cells].map(() => facts.map((): Outcome[] => []));
  const perStep = Math.max(1, Math.floor(PASSES_PER_STEP / (1 + cells.length)));
  for (let at = 0; at < prompts.length; at += perStep) {
    const step = prompts.slice(at, at + perStep);
    const passes = step.flatMap(({ tokens }): ForwardPass[] => [
      { tokens, capture },
      ...cells.map(({ of, mode, alpha }) => {
        const vector = of();
        const last = mode === "REPLACE_FOLLOWING" ? context.model.layers - 1 : source.layer;
        const edits = Array.from({ length: last - source.layer + 1 }, (_, i) => ({
          hook: hookName("hook_mlp_out", source.layer + i),
          position: -1,
          scale: mode === "ADD" ? 1 : 0,
          value: Float32Array.from(vector, (value) => alpha * value),
        }));
        return { tokens, capture, edits };
      }),
    ]);
    const read = await reader.read(await context.execute(passes));
    for (const [i, { place, answer }] of step.entries())
      for (const [c, condition] of measured.entries())
        condition[place]!.push(outcomeOf(read[i * (1 + cells.length) + c]!, answer));
  }
  const bootstrap = new FactBootstrap(facts.length, context.settings.bootstrapSamples, context.settings.seed);
  const over = (value: (condition: Outcome, before: Outcome) => number, c: number) =>
    meanOverPrompts(
      measured[c]!.map((own, place) => own.map((outcome, n) => value(outcome, measured[0]![place]![n]!))),
      { bootstrap },
    );
  return {
    source: id,
    target,
    layer: source.layer,
    facts: facts.length,
    prompts: prompts.length,
    rankBefore: over(({ rank }) => rank, 0),
    conditions: cells.map(({ vector, from, mode, alpha }, c) => ({
      ...{ vector, from, mode, alpha },
      answer: over((after, before) => after.answer - before.answer, c + 1),
      candidates: over((after, before) => after.candidates - before.candidates, c + 1),
      rankAfter: over(({ rank }) => rank, c + 1),
    })),
  };
}

/** A task that is neither source nor target, where there is one; else the target's own, else any other. */
function otherTask(source: string, target: string, tasks: readonly StudyTask[]): string {
  const ids = tasks.map(({ context }) => context.task.id).filter((id) => id !== source);
  return ids.find((id) => id !== target) ?? ids[0]!;
}

interface Outcome {
  answer: number;
  candidates: number;
  rank: number;
}

/** @param centred logits of the source's candidates against the vocabulary's mean */
function outcomeOf(centred: Float64Array, answer: number): Outcome {
  return {
    answer: centred[answer]!,
    candidates: centred.reduce((sum, value) => sum + value, 0) / centred.length,
    rank: centred.filter((value) => value > centred[answer]! + 1e-6).length,
  };
}

export const noTransplant = (source: string, layer: number | null, reason: string): Transplant => ({
  source,
  target: REPETITION,
  layer,
  facts: 0,
  prompts: 0,
  rankBefore: notObserved(reason),
  conditions: [],
  reason,
});
