import { lastAttentionBefore } from "../../hooks/block-order.ts";
import { seededRandom } from "../../math/random.ts";
import { mean, standardDeviation } from "../../math/statistics.ts";
import { cosine, meanOfRows, norm as normOf } from "../../math/vectors.ts";
import type {
  CrossTaskTest,
  InterceptLayer,
  InterceptTestsReport,
  TaskIntercept,
  Transplant,
} from "../../results/intercept-tests.ts";
import { defineStudy, type StudyTask } from "../further.ts";
import { crossTask } from "./cross-task.ts";
import { type FactSums, gramOf, interceptFrom, total, weightsOf } from "./fact-sums.ts";
import { jointFit } from "./joint-fit.ts";
import { randomLike } from "./random-vectors.ts";
import { type StudyInputs, studyInputs } from "./study-inputs.ts";
import { noTransplant, transplantsOf } from "./transplants.ts";

const PERMUTATIONS = 999;
const DRAWS = 200;
const MIN_TASKS = 3;

/**
 * Is the intercept b_t of the MLP decomposition task-aware? Its gain on the answers of every task with a permutation test over facts, on held-out
 * facts' answers, beside the mean MLP output, random vectors and generic prompts; one w for all tasks (P4); cosines between tasks and
 * frames; and transplants into prompts that do not ask for the relation.
 */
export const interceptTests = defineStudy<InterceptTestsReport>({
  id: "intercept-tests",
  title: "Task awareness of the intercept",
  mechanism: "function application",
  summary:
    "Whether the intercept of an MLP favours the answers of its own task, and carries the task into other prompts.",

  async run(tasks) {
    const headlines = tasks.map(({ report }) => report.mlpActivation.headlineLayer);
    const layers = [...new Set(headlines)].filter((layer) => layer !== null).sort((a, b) => a - b);
    const out: InterceptTestsReport = {
      tasks: tasks.map(({ context }, t) => ({
        taskId: context.task.id,
        facts: context.measured.length,
        prompts: context.measured.reduce((sum, { prompts }) => sum + prompts.length, 0),
        headlineLayer: headlines[t]!,
        layerCosines: [],
      })),
      layers: [],
      transplants: [],
    };
    if (layers.length === 0) return { ...out, reason: "no task has a headline layer" };
    const inputs = await studyInputs(tasks, layers);
    for (const [t, { report }] of tasks.entries())
      out.tasks[t]!.layerCosines = layerCosines(report, inputs.means[t]!, tasks[0]!.context.model.width);
    const transplants = new Map<string, Transplant[]>();
    for (const layer of layers) {
      const fits = fitsAt(layer, tasks, inputs);
      out.layers.push(interceptLayer(layer, fits, tasks, inputs));
      const intercepts = new Map(tasks.map(({ context }, t) => [context.task.id, fits[t]!.intercept]));
      for (const [t, task] of tasks.entries()) {
        if (headlines[t] !== layer) continue;
        const { intercept, mean: average } = fits[t]!;
        const { outputs } = inputs.tasks[t]!.get(layer)!;
        const vectors = { task, layer, intercept, mean: average, outputs, intercepts };
        transplants.set(task.context.task.id, await transplantsOf(vectors, tasks));
      }
    }
    out.transplants = tasks.flatMap(({ context: { task } }) => {
      const own = transplants.get(task.id) ?? [];
      if (own.length > 0) return own;
      return [noTransplant(task.id, null, "the task has no headline layer")];
    });
    return out;
  },
});

/** Between the intercepts of the run's own R1 fits, the headline layer's and every layer's. */
function layerCosines(
  { mlpActivation: { headlineLayer, decompositions } }: StudyTask["report"],
  means: readonly Float64Array[],
  width: number,
): (number | null)[] {
  const intercepts = means.map((columns, layer) => {
    const fit = decompositions.find((own) => own.layer === layer && own.regressors === "R1");
    const weights = fit?.weights.map(({ weight }) => weight ?? 0) ?? [];
    return fit ? interceptFrom(weights, 1, columns, new Float64Array((weights.length + 1) * width)) : null;
  });
  const headline = headlineLayer === null ? null : intercepts[headlineLayer]!;
  return intercepts.map((own) => (own && headline ? cosine(own, headline) : null));
}

/** One task's R1 fit at a layer. */
interface TaskFit {
  lambda: number | null;
  weights: Float64Array;
  intercept: Float64Array;
  mean: Float64Array;
}

function fitsAt(
  layer: number,
  tasks: readonly StudyTask[],
  { references, tasks: sums }: StudyInputs,
): TaskFit[] {
  const reference = references.get(layer)!;
  return tasks.map(({ report }, t) => {
    const all = total(sums[t]!.get(layer)!.facts);
    const fit = report.mlpActivation.decompositions.find(
      (own) => own.layer === layer && own.regressors === "R1",
    );
    const lambda = fit?.lambda ?? null;
    const weights = weightsOf(gramOf(all, reference), lambda);
    return {
      lambda,
      weights,
      intercept: interceptFrom(weights, all.prompts, all.sums, reference.columns),
      mean: interceptFrom(
        weights.map(() => 0),
        all.prompts,
        all.sums,
        reference.columns,
      ),
    };
  });
}

function interceptLayer(
  layer: number,
  fits: readonly TaskFit[],
  tasks: readonly StudyTask[],
  inputs: StudyInputs,
): InterceptLayer {
  const reference = inputs.references.get(layer)!;
  const { heads } = tasks[0]!.context.model;
  const facts = inputs.tasks.map((own) => own.get(layer)!.facts);
  const joint = jointFit(
    facts,
    fits.map(({ weights }) => weights),
    Array.from({ length: heads }, (_, h) => `L${lastAttentionBefore(layer, tasks[0]!.context.model)}H${h}`),
    reference,
  );
  return {
    layer,
    headlineOf: tasks
      .filter(({ report }) => report.mlpActivation.headlineLayer === layer)
      .map(({ context }) => context.task.id),
    crossTask: crossTaskTest(layer, fits, tasks, inputs),
    joint: joint.report,
    tasks: tasks.map((task, t) => taskIntercept(layer, t, fits[t]!, joint.weights, task, inputs)),
    cosines: fits.map((a) => fits.map((b) => cosine(a.intercept, b.intercept))),
  };
}

/** Tasks without a shared answer, largest first, and what became of the others. */
function crossTaskTest(
  layer: number,
  fits: readonly TaskFit[],
  tasks: readonly StudyTask[],
  inputs: StudyInputs,
): CrossTaskTest {
  const chosen: number[] = [];
  const leftOut: CrossTaskTest["leftOut"] = [];
  const answers = tasks.map(
    ({ context }) => new Set(context.measured.map(({ index }) => context.facts[index]!.answerToken)),
  );
  const id = (t: number) => tasks[t]!.context.task.id;
  const order = tasks
    .map((_, t) => t)
    .sort((a, b) => tasks[b]!.context.measured.length - tasks[a]!.context.measured.length);
  for (const t of order) {
    const rival = chosen.find((other) => [...answers[t]!].some((token) => answers[other]!.has(token)));
    if (rival === undefined) chosen.push(t);
    else leftOut.push({ taskId: id(t), reason: `shares an answer's first token with ${id(rival)}` });
  }
  chosen.sort((a, b) => a - b);
  const base = { tasks: chosen.map(id), leftOut };
  if (chosen.length < MIN_TASKS) {
    const reason = `${chosen.length} tasks with disjoint answers (${MIN_TASKS} needed)`;
    return { ...base, permutations: 0, intercept: null, heldOut: null, mean: null, reason };
  }
  // Reads are on the answers of all facts of the study: keep those of the chosen tasks.
  const starts = tasks.map((_, t) =>
    tasks.slice(0, t).reduce((sum, { context }) => sum + context.measured.length, 0),
  );
  const kept = chosen.flatMap((t) => tasks[t]!.context.measured.map((_, f) => starts[t]! + f));
  const all = inputs.directions.length / inputs.references.get(layer)!.width;
  const select = (reads: Float64Array) => {
    const rows = reads.length / all;
    return Float64Array.from(
      { length: rows * kept.length },
      (_, i) => reads[Math.floor(i / kept.length) * all + kept[i % kept.length]!]!,
    );
  };
  const reference = inputs.references.get(layer)!;
  const facts = chosen.flatMap((t) =>
    inputs.tasks[t]!.get(layer)!.facts.map((fact): FactSums => ({ ...fact, reads: select(fact.reads) })),
  );
  const tested = crossTask({
    facts,
    sizes: chosen.map((t) => tasks[t]!.context.measured.length),
    lambdas: chosen.map((t) => fits[t]!.lambda),
    reference: { ...reference, reads: select(reference.reads) },
    scale: inputs.scale,
    permutations: PERMUTATIONS,
    random: seededRandom(`intercept-tests ${tasks[0]!.context.settings.seed} ${layer}`),
  });
  return { ...base, permutations: PERMUTATIONS, ...tested };
}

function taskIntercept(
  layer: number,
  t: number,
  { weights, intercept, mean: average }: TaskFit,
  joint: Float64Array,
  { context }: StudyTask,
  inputs: StudyInputs,
): TaskIntercept {
  const { facts, frames, outputs, generic } = inputs.tasks[t]!.get(layer)!;
  const reference = inputs.references.get(layer)!;
  const { width } = reference;
  const start = inputs.tasks.slice(0, t).reduce((sum, own) => sum + own.get(layer)!.facts.length, 0);
  /** Mean gain on the task's own answers. */
  const gain = (vector: Float64Array) => {
    let sum = 0;
    for (let f = 0; f < facts.length; f++)
      for (let d = 0; d < width; d++) sum += inputs.directions[(start + f) * width + d]! * vector[d]!;
    return sum / (facts.length * inputs.scale);
  };
  const all = total(facts);
  const random = seededRandom(`random intercepts ${context.settings.seed} ${context.task.id} ${layer}`);
  const norm = normOf(intercept);
  const center = meanOfRows(outputs);
  const draws = Array.from({ length: DRAWS }, () => gain(randomLike(outputs, center, norm, random)));
  const sd = standardDeviation(draws);
  // Rounding of vectors of this size is no spread.
  const varies = sd !== null && sd > (1e-6 * norm) / inputs.scale;
  const frameIntercepts = [...frames.values()].map((frame) =>
    interceptFrom(weights, frame.prompts, frame.sums, reference.columns),
  );
  const cosines = frameIntercepts
    .flatMap((a, i) => frameIntercepts.slice(i + 1).map((b) => cosine(a, b)))
    .filter((value) => value !== null);
  const ofGeneric = generic.prompts
    ? interceptFrom(weights, generic.prompts, generic.sums, reference.columns)
    : null;
  return {
    taskId: context.task.id,
    interceptNorm: norm,
    gain: gain(intercept),
    gainJoint: gain(interceptFrom(joint, all.prompts, all.sums, reference.columns)),
    gainOfMean: gain(average),
    random: varies
      ? { draws: DRAWS, mean: mean(draws), sd, z: (gain(intercept) - mean(draws)) / sd }
      : {
          draws: 0,
          mean: null,
          sd: null,
          z: null,
          reason: "random vectors like the MLP's output do not reach the answers as one",
        },
    generic: ofGeneric
      ? {
          prompts: generic.prompts,
          gain: gain(ofGeneric),
          gainOfDifference: gain(intercept) - gain(ofGeneric),
          cosine: cosine(intercept, ofGeneric),
        }
      : {
          prompts: 0,
          gain: null,
          gainOfDifference: null,
          cosine: null,
          reason: "no generic prompt fits the model",
        },
    frames: {
      count: frames.size,
      meanCosine: cosines.length ? mean(cosines) : null,
      minCosine: cosines.length ? Math.min(...cosines) : null,
    },
  };
}
