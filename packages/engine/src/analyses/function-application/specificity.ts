import type { FunctionSpecificity } from "../../results/implicit-function.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import type { FurtherContext } from "../further.ts";
import { overFacts, strictlyTop } from "./accuracy.ts";
import { applyMlp, contextOf, type MoverHead, type MoverOutputs, measureMovers } from "./mover-outputs.ts";
import { isKnownHere, type OtherRelation } from "./other-relations.ts";

/** Another relation's context: means over the facts known in both. */
export interface OtherContext {
  relation: OtherRelation;
  outputs: MoverOutputs;
  directions: Float32Array;
}

/** Asks every other relation about the shared subjects; those of which the model knows nothing come with the reason. */
export async function otherContexts(
  relations: readonly OtherRelation[],
  movers: readonly MoverHead[],
  layers: readonly number[],
  context: FurtherContext,
  done: (relations: number) => void,
): Promise<{ usable: OtherContext[]; skipped: { task: string; reason: string }[] }> {
  const usable: OtherContext[] = [];
  const skipped: { task: string; reason: string }[] = [];
  for (const [i, relation] of relations.entries()) {
    const { task, shared, candidates } = relation;
    const outputs = await measureMovers(
      shared.map(({ prompts }) => prompts),
      movers,
      layers,
      context,
      (fact, results) => isKnownHere(shared[fact]!, candidates, results, context),
    );
    if (outputs.admitted.length)
      usable.push({ relation, outputs, directions: await context.instruments.directions(candidates) });
    else if (shared.length)
      skipped.push({ task, reason: `the model knows none of its ${shared.length} shared facts` });
    else skipped.push({ task, reason: "no known fact has its subject there with another answer" });
    done(i + 1);
  }
  return { usable, skipped };
}

/** The same arguments through the same MLP in both contexts, read for both relations' answers. */
export async function compareContexts(
  layer: number,
  l: number,
  layers: readonly number[],
  movers: readonly MoverHead[],
  own: { args: Float32Array[]; values: Float32Array; rounding: Float64Array; right: boolean[] },
  directions: Float32Array,
  { relation, outputs, directions: otherDirections }: OtherContext,
  context: FurtherContext,
): Promise<FunctionSpecificity> {
  const { measured, facts, candidates, model } = context;
  const { width } = model;
  const shared = outputs.admitted.map((fact) => relation.shared[fact]!);
  const args = shared.map(({ measured: fact }) => own.args[fact]!);
  const there = await applyMlp(layer, contextOf(outputs, movers, layers, l, context.model), args, context);
  const here = {
    values: Float32Array.from(
      shared.flatMap(({ measured: fact }) => [...own.values.subarray(fact * width, (fact + 1) * width)]),
    ),
    rounding: shared.map(({ measured: fact }) => own.rounding[fact]!),
  };
  const answers = shared.map(({ measured: fact }) =>
    candidates.indexOf(facts[measured[fact]!.index]!.answerToken),
  );
  const otherAnswers = shared.map(({ answerToken }) => relation.candidates.indexOf(answerToken));
  const thisInOwn = shared.map(({ measured: fact }) => own.right[fact]!);
  const thisInOther = await strictlyTop(there.values, there.rounding, answers, directions, context);
  const otherInOwn = await strictlyTop(here.values, here.rounding, otherAnswers, otherDirections, context);
  const otherInOther = await strictlyTop(
    there.values,
    there.rounding,
    otherAnswers,
    otherDirections,
    context,
  );
  const over = (value: (i: number) => number) => {
    const values: (number | null)[] = measured.map(() => null);
    for (const [i, { measured: fact }] of shared.entries()) values[fact] = value(i);
    return overFacts(values, context);
  };
  const [thisFall, otherRise] = [
    over((i) => Number(thisInOwn[i]) - Number(thisInOther[i])),
    over((i) => Number(otherInOther[i]) - Number(otherInOwn[i])),
  ];
  return {
    layer,
    task: relation.task,
    facts: shared.length,
    thisInOwn: over((i) => Number(thisInOwn[i])),
    thisInOther: over((i) => Number(thisInOther[i])),
    otherInOwn: over((i) => Number(otherInOwn[i])),
    otherInOther: over((i) => Number(otherInOther[i])),
    thisFall,
    otherRise,
    specific:
      shared.length >= SUFFICIENT_FACTS && [thisFall, otherRise].every(({ low }) => low !== null && low > 0),
  };
}
