import { implicitFigures } from "../../figures/mlp-and-function.ts";
import { feedsMlp } from "../../hooks/block-order.ts";
import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import { norm } from "../../math/vectors.ts";
import type {
  FunctionAccuracy,
  FunctionSpecificity,
  ImplicitFunctionReport,
} from "../../results/implicit-function.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { binomialTail, guessing, overFacts, pairedSignTest, strictlyTop } from "./accuracy.ts";
import {
  applyMlp,
  argumentsOf,
  contextOf,
  layersAfter,
  type MoverHead,
  type MoverOutputs,
  measureMovers,
  moverHeads,
  noMovers,
  ROUNDING,
} from "./mover-outputs.ts";
import { otherRelations } from "./other-relations.ts";
import { compareContexts, otherContexts } from "./specificity.ts";

/** Single mover heads that are tried besides the sum of all. */
const SINGLE_HEADS = 3;
const MAX_Q = 0.05;

/**
 * The implicit function of an MLP (get_capital(X)): F(a) = m(rbar + a) - m(rbar), where a is what the mover heads write and rbar the task's mean
 * stream without it. Does F(a) name the answer among the candidates where a itself does not, and in another relation's context that
 * relation's answer?
 */
export const implicitFunction = defineFurther<ImplicitFunctionReport>({
  id: "implicit-function",
  title: "Implicit function of the MLPs",
  mechanism: "function application",
  summary:
    "Whether an MLP turns what the mover heads bring into the answer, and only in its own relation's context.",
  standard: true,
  figures: implicitFigures,

  async run(context) {
    const { report, measured, model, candidates, instruments, progress } = context;
    const movers = moverHeads(report);
    const layers = layersAfter(movers, model);
    const problem =
      movers.length === 0
        ? noMovers(report)
        : candidates.length < 2
          ? "the task has one candidate only"
          : null;
    const frame = {
      layers,
      movers: movers.map(({ label }) => label),
      headlineLayer: report.mlpActivation.headlineLayer,
      candidates: candidates.length,
      prompts: measured.flatMap(({ prompts }) => prompts).length,
      ...guessing(measured, context),
    };
    if (problem)
      return {
        ...frame,
        accuracies: [],
        specificity: [],
        skipped: [],
        verdict: "NOT_OBSERVED",
        reason: problem,
      };
    const { relations, skipped } = otherRelations(context);
    const steps = 1 + relations.length + layers.length;
    const outputs = await measureMovers(
      measured.map(({ prompts }) => prompts),
      movers,
      layers,
      context,
    );
    progress(1, steps);
    const others = await otherContexts(relations, movers, layers, context, (done) =>
      progress(1 + done, steps),
    );
    const directions = await instruments.directions(candidates);
    const accuracies: FunctionAccuracy[] = [];
    const specificity: FunctionSpecificity[] = [];
    for (const [l, layer] of layers.entries()) {
      const at = { layer, l, layers, movers, outputs, directions, baseline: frame.baseline! };
      const all = await accuracyOf(
        "all",
        movers.flatMap((mover, k) => (feedsMlp(mover.layer, layer, model) ? [k] : [])),
        at,
        context,
      );
      accuracies.push(all.accuracy);
      for (const [k, mover] of movers.slice(0, SINGLE_HEADS).entries()) {
        if (!feedsMlp(mover.layer, layer, model) || all.accuracy.heads.length === 1) continue;
        accuracies.push((await accuracyOf(mover.label, [k], at, context)).accuracy);
      }
      for (const other of others.usable)
        specificity.push(await compareContexts(layer, l, layers, movers, all, directions, other, context));
      progress(2 + relations.length + l, steps);
    }
    withQ(accuracies);
    return {
      ...frame,
      accuracies,
      specificity,
      skipped: [...skipped, ...others.skipped],
      ...verdictOf(accuracies, measured.length),
    };
  },
});

interface Place {
  layer: number;
  l: number;
  layers: readonly number[];
  movers: readonly MoverHead[];
  outputs: MoverOutputs;
  directions: Float32Array;
  baseline: number;
}

/** What an argument becomes in its own relation's context. */
export interface Applied {
  accuracy: FunctionAccuracy;
  args: Float32Array[];
  values: Float32Array;
  rounding: Float64Array;
  /** Per measured fact: right by F(a). */
  right: boolean[];
}

async function accuracyOf(
  argument: string,
  chosen: readonly number[],
  { layer, l, layers, movers, outputs, directions, baseline }: Place,
  context: FurtherContext,
): Promise<Applied> {
  const { measured, facts, candidates, model } = context;
  const { width } = model;
  const own = measured.map(({ index }) => candidates.indexOf(facts[index]!.answerToken));
  const args = argumentsOf(outputs.heads, chosen, width);
  const { values, rounding } = await applyMlp(
    layer,
    contextOf(outputs, movers, layers, l, context.model),
    args,
    context,
  );
  const right = await strictlyTop(values, rounding, own, directions, context);
  const copied = new Float32Array(args.length * width);
  for (const [i, a] of args.entries()) copied.set(a, i * width);
  const copies = await strictlyTop(
    copied,
    args.map((a) => ROUNDING * norm(a)),
    own,
    directions,
    context,
  );
  const hits = right.filter(Boolean).length;
  return {
    args,
    values,
    rounding,
    right,
    accuracy: {
      layer,
      argument,
      heads: chosen.map((k) => movers[k]!.label),
      functionAccuracy: overFacts(right.map(Number), context),
      copyAccuracy: overFacts(copies.map(Number), context),
      gain: overFacts(
        right.map((hit, i) => Number(hit) - Number(copies[i])),
        context,
      ),
      functionP: binomialTail(hits, right.length, baseline),
      functionQ: null,
      gainP: pairedSignTest(right, copies),
      gainQ: null,
    },
  };
}

function withQ(accuracies: FunctionAccuracy[]): void {
  const [functions, gains] = [
    falseDiscoveryQ(accuracies.map(({ functionP }) => functionP)),
    falseDiscoveryQ(accuracies.map(({ gainP }) => gainP)),
  ];
  for (const [i, accuracy] of accuracies.entries()) {
    accuracy.functionQ = functions[i]!;
    accuracy.gainQ = gains[i]!;
  }
}

function verdictOf(
  accuracies: readonly FunctionAccuracy[],
  facts: number,
): Pick<ImplicitFunctionReport, "verdict" | "reason"> {
  const not = (reason: string) => ({ verdict: "NOT_OBSERVED" as const, reason });
  if (facts < SUFFICIENT_FACTS)
    return not(`${facts} facts: fewer than ${SUFFICIENT_FACTS}, so nothing is judged`);
  const named = accuracies.filter(
    ({ argument, functionQ }) => argument === "all" && functionQ !== null && functionQ < MAX_Q,
  );
  if (named.length === 0)
    return not("at no layer does the MLP name the answers more often than a constant guess would");
  const gained = named.some(
    ({ gain, gainQ }) => gain.low !== null && gain.low > 0 && gainQ !== null && gainQ < MAX_Q,
  );
  return gained
    ? { verdict: "OBSERVED" }
    : not("where an MLP names the answers, what the mover heads bring names them as well");
}
