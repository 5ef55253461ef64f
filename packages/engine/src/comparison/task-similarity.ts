import { EngineError } from "../errors.ts";
import { seededRandom, shuffled } from "../math/random.ts";
import { pearson, spearman } from "../math/rank-correlation.ts";
import type { MantelTest, TaskSimilarity } from "../results/comparison.ts";
import type { RunReport } from "../results/report.ts";
import { headEffects, resolved } from "./run-facts.ts";

/** Spearman correlation of all heads' effects between every two tasks of one model, tasks sorted by id. */
export function taskSimilarity(runs: readonly RunReport[]): TaskSimilarity {
  const models = new Set(runs.map(({ receipt }) => receipt.model.weightHash));
  const tasks = runs.map(({ receipt }) => receipt.taskId);
  if (runs.length === 0 || models.size !== 1)
    throw new EngineError(
      "BAD_INPUT",
      `runs to compare: of ${models.size} models (expected runs of one model)`,
    );
  if (new Set(tasks).size !== tasks.length)
    throw new EngineError(
      "BAD_INPUT",
      `runs to compare: tasks ${tasks.join(", ")} (expected each task once)`,
    );
  const sorted = [...runs].sort((a, b) => (a.receipt.taskId < b.receipt.taskId ? -1 : 1));
  const effects = sorted.map(headEffects);
  return {
    model: sorted[0]!.receipt.model.name,
    weightHash: sorted[0]!.receipt.model.weightHash,
    tasks: sorted.map(({ receipt }) => receipt.taskId),
    values: effects.map((a) =>
      effects.map((b) => ("reason" in a || "reason" in b ? null : spearman(resolved(a), resolved(b)))),
    ),
  };
}

/**
 * Mantel test (Mantel 1967) between the task similarities of two models: correlation of the two matrices over pairs of tasks that both
 * have, against permutations of one model's tasks. The models' heads are never compared with each other.
 */
export function mantelTest(
  a: TaskSimilarity,
  b: TaskSimilarity,
  { permutations = 999, seed = 1 }: { permutations?: number; seed?: number } = {},
): MantelTest {
  const shared = observedTasks(a, b);
  const all = [...new Set([...a.tasks, ...b.tasks])].sort();
  const test = {
    tasks: shared,
    left: all.filter((task) => !shared.includes(task)),
    permutations,
  };
  const none = (reason: string): MantelTest => ({ ...test, r: null, pValue: null, reason });
  if (shared.length < 3)
    return none(
      `${shared.length} tasks observed in both models: a correlation over pairs of tasks needs at least 3`,
    );
  const [x, y] = [submatrix(a, shared), submatrix(b, shared)];
  const identity = shared.map((_, i) => i);
  const above = upper(x, identity);
  const r = pearson(above, upper(y, identity));
  if (r === null) return none("all pairs of tasks are equally similar in one of the models");
  const random = seededRandom(`mantel ${seed}`);
  let extreme = 0;
  for (let p = 0; p < permutations; p++) {
    const permuted = pearson(above, upper(y, shuffled(identity, random)));
    // Sums in another order differ by rounding.
    if (permuted !== null && permuted >= r - 1e-12) extreme++;
  }
  return { ...test, r, pValue: (1 + extreme) / (1 + permutations) };
}

/** Tasks of both models, without those whose effects were not observed or do not vary in one of them. */
function observedTasks(a: TaskSimilarity, b: TaskSimilarity): string[] {
  // A task's correlation with itself is null exactly then.
  const observed = ({ tasks, values }: TaskSimilarity) => tasks.filter((_, i) => values[i]![i] !== null);
  const inB = new Set(observed(b));
  return observed(a).filter((task) => inB.has(task));
}

const submatrix = ({ tasks, values }: TaskSimilarity, wanted: readonly string[]): number[][] => {
  const places = wanted.map((task) => tasks.indexOf(task));
  return places.map((i) => places.map((j) => values[i]![j]!));
};

/** The entries above the diagonal with rows and columns in another order. */
const upper = (matrix: readonly (readonly number[])[], order: readonly number[]): number[] =>
  order.flatMap((i, row) => order.slice(row + 1).map((j) => matrix[i]![j]!));
