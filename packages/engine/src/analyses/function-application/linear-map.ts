import { Matrix } from "ml-matrix";
import { linearMapFigures } from "../../figures/mlp-and-function.ts";
import { feedsMlp } from "../../hooks/block-order.ts";
import { falseDiscoveryQ } from "../../math/false-discovery.ts";
import { placesByName } from "../../math/places-by-name.ts";
import { centreRows, dot } from "../../math/vectors.ts";
import { notObserved } from "../../results/estimate.ts";
import type { LayerLinearMap, LinearMapReport } from "../../results/linear-map.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { binomialTail, guessing, leads, overFacts } from "./accuracy.ts";
import { argumentsOf, layersAfter, measureMovers, moverHeads, noMovers, ROUNDING } from "./mover-outputs.ts";
import { coordinates, FOLDS, type Mapped, REPEATS, ridgeMap, squaresOf } from "./ridge-map.ts";

const MAX_COMPONENTS = 16;
/** With fewer there is nothing to choose a penalty on once a fact is held out. */
const MIN_FACTS = 4;
const MAX_Q = 0.05;

/**
 * Is get_X a linear map that generalises, or a look-up? m - mean ~ J (x - mean) over facts, x = sum of the mover heads' outputs, both as
 * means over a fact's prompts; J is judged on facts it has not seen, which a look-up cannot predict.
 */
export const linearMap = defineFurther<LinearMapReport>({
  id: "linear-map",
  title: "Linear map from argument to MLP output",
  mechanism: "function application",
  summary:
    "Whether a linear map from what the mover heads bring to what the MLP writes holds for facts it was not fitted to.",
  standard: true,
  figures: linearMapFigures,

  async run(context) {
    const { report, measured, model, candidates, instruments, progress } = context;
    const movers = moverHeads(report);
    const frame = {
      movers: movers.map(({ label }) => label),
      facts: measured.length,
      prompts: measured.flatMap(({ prompts }) => prompts).length,
      folds: Math.min(FOLDS, measured.length),
      repeats: REPEATS,
      ...guessing(measured, context),
    };
    const problem =
      movers.length === 0
        ? noMovers(report)
        : measured.length < MIN_FACTS
          ? `${measured.length} facts: fewer than ${MIN_FACTS}`
          : candidates.length < 2
            ? "the task has one candidate only"
            : null;
    if (problem) return { ...frame, layers: [], reason: problem };
    const { width } = model;
    const layers = layersAfter(movers, model);
    const outputs = await measureMovers(
      measured.map(({ prompts }) => prompts),
      movers,
      layers,
      context,
    );
    progress(1, 1 + layers.length);
    const directions = await instruments.directions(candidates);
    const reports: LayerLinearMap[] = [];
    let input: Input | null = null;
    for (const [l, layer] of layers.entries()) {
      const chosen = movers.flatMap((mover, k) => (feedsMlp(mover.layer, layer, model) ? [k] : []));
      if (input?.heads.length !== chosen.length) {
        const x = deviations(argumentsOf(outputs.heads, chosen, width), context);
        input = { heads: chosen.map((k) => movers[k]!.label), x: x && coordinates(gramOf(x)) };
      }
      const m = deviations(
        outputs.mlps.map((own) => own.subarray(l * width, (l + 1) * width)),
        context,
      );
      reports.push(await layerMap(layer, input, m, directions, frame.baseline!, context));
      progress(2 + l, 1 + layers.length);
    }
    judge(reports, measured.length);
    return { ...frame, layers: reports };
  },
});

interface Input {
  heads: string[];
  /** null: the same for all facts. */
  x: Matrix | null;
}

/** Deviations of facts' vectors from their mean, without what a LayerNorm does not see; null if they are rounding only. */
function deviations(rows: readonly Float32Array[], { model }: FurtherContext): Float64Array[] | null {
  const { width, norm } = model;
  const own = rows.map((row) => {
    const vector = Float64Array.from(row);
    return norm.kind === "layernorm" ? centreRows(vector, width) : vector;
  });
  const mean = Float64Array.from(
    { length: width },
    (_, d) => own.reduce((sum, row) => sum + row[d]!, 0) / own.length,
  );
  const out = own.map((row) => row.map((value, d) => value - mean[d]!));
  const size = (list: readonly Float64Array[]) =>
    Math.sqrt(list.reduce((sum, row) => sum + dot(row, row), 0));
  return size(out) > ROUNDING * size(own) ? out : null;
}

function gramOf(rows: readonly Float64Array[]): Matrix {
  const out = new Matrix(rows.length, rows.length);
  for (const [i, a] of rows.entries()) {
    for (let j = 0; j <= i; j++) {
      const product = dot(a, rows[j]!);
      out.set(i, j, product);
      out.set(j, i, product);
    }
  }
  return out;
}

async function layerMap(
  layer: number,
  { heads, x }: Input,
  m: readonly Float64Array[] | null,
  directions: Float32Array,
  baseline: number,
  context: FurtherContext,
): Promise<LayerLinearMap> {
  const { measured, facts, candidates, instruments, model, settings } = context;
  if (!x || !m) {
    const reason = x
      ? "the MLP's output is the same for all facts"
      : "the mover heads bring the same for all facts";
    return unobserved(layer, heads, reason);
  }
  const y = coordinates(gramOf(m));
  const flat = new Float32Array(m.length * model.width);
  for (const [i, row] of m.entries()) flat.set(row, i * model.width);
  const scores = await instruments.product(flat, directions, model.width);
  const targets = Matrix.zeros(m.length, y.columns + candidates.length);
  targets.setSubMatrix(y, 0, 0);
  let largest = 0;
  for (let i = 0; i < m.length; i++) {
    for (let c = 0; c < candidates.length; c++) {
      const score = scores[i * candidates.length + c]!;
      largest = Math.max(largest, Math.abs(score));
      targets.set(i, y.columns + c, score);
    }
  }
  const limit = Math.min(MAX_COMPONENTS, Math.floor(m.length / 2));
  const names = measured.map(({ index }) => facts[index]!.subject);
  const order = placesByName(names.length, names);
  const map = ridgeMap(x, targets, y.columns, limit, `linear map ${settings.seed}`, order);

  const own = measured.map(({ index }) => candidates.indexOf(facts[index]!.answerToken));
  const named = (matrix: Matrix) =>
    own.map((answer, i) => leads(matrix.getRow(i).slice(y.columns), answer, ROUNDING * largest));
  const mean = (lists: readonly boolean[][]) =>
    own.map((_, i) => lists.filter((list) => list[i]).length / lists.length);
  const heldOut = mean(map.heldOut.map(({ predicted }) => named(predicted)));
  const output = mean(map.heldOut.map(({ target }) => named(target)));
  const sums = (of: (mapped: Mapped) => Matrix) =>
    own.map((_, i) =>
      map.heldOut.reduce((sum, mapped) => sum + squaresOf(of(mapped).subMatrixRow([i]), y.columns), 0),
    );
  const total = sums(({ target }) => target);
  const left = sums(({ target, predicted }) => Matrix.sub(target, predicted));
  const tail = (shares: readonly number[]) =>
    binomialTail(shares.filter((share) => share > 0.5).length, shares.length, baseline);
  const { target, predicted } = map.inSample;
  return {
    layer,
    heads,
    components: map.components,
    penalty: map.penalty,
    r2HeldOut: context.bootstrap.ratio(
      total.map((value, i) => value - left[i]!),
      total,
    ),
    r2InSample: 1 - squaresOf(Matrix.sub(target, predicted), y.columns) / squaresOf(target, y.columns),
    r2FullRank: map.fullRank,
    accuracyHeldOut: overFacts(heldOut, context),
    accuracyInSample: overFacts(named(predicted).map(Number), context),
    accuracyOfOutput: overFacts(output, context),
    accuracyGap: overFacts(
      output.map((share, i) => share - heldOut[i]!),
      context,
    ),
    heldOutP: tail(heldOut),
    heldOutQ: null,
    outputP: tail(output),
    outputQ: null,
    verdict: "inconclusive",
  };
}

function unobserved(layer: number, heads: string[], reason: string): LayerLinearMap {
  return {
    layer,
    heads,
    components: 0,
    penalty: null,
    r2HeldOut: notObserved(reason),
    r2InSample: null,
    r2FullRank: null,
    accuracyHeldOut: notObserved(reason),
    accuracyInSample: notObserved(reason),
    accuracyOfOutput: notObserved(reason),
    accuracyGap: notObserved(reason),
    heldOutP: null,
    heldOutQ: null,
    outputP: null,
    outputQ: null,
    verdict: "inconclusive",
    reason,
  };
}

/** Sets q-values and verdicts: see `LayerLinearMap.verdict`. */
function judge(reports: LayerLinearMap[], facts: number): void {
  const heldOut = falseDiscoveryQ(reports.map(({ heldOutP }) => heldOutP));
  const output = falseDiscoveryQ(reports.map(({ outputP }) => outputP));
  for (const [i, report] of reports.entries()) {
    report.heldOutQ = heldOut[i]!;
    report.outputQ = output[i]!;
    if (report.reason) continue;
    if (facts < SUFFICIENT_FACTS) {
      report.reason = `${facts} facts: fewer than ${SUFFICIENT_FACTS}, so nothing is judged`;
      continue;
    }
    const explains = report.r2HeldOut.low !== null && report.r2HeldOut.low > 0;
    const names = report.heldOutQ !== null && report.heldOutQ < MAX_Q;
    const speaks = report.outputQ !== null && report.outputQ < MAX_Q;
    const misses = report.accuracyGap.low !== null && report.accuracyGap.low > 0;
    if (explains && names) report.verdict = "generalises";
    else if (speaks && !names && misses) report.verdict = "look-up";
    else
      report.reason = speaks
        ? "the map neither holds for new facts by both measures nor clearly fails on them"
        : "the MLP's output does not name the answers, so there is no function to explain";
  }
}
