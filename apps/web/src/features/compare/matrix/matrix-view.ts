import { PRECISION_LABELS, shotsLabel } from "@/format/runs.ts";
import type { Settings } from "@/graphql/fragments.ts";
import type { MatrixModel, MatrixRun, MatrixTask, RunMatrix } from "./queries.ts";

/** What is drawn of a matrix: rows, columns, and the run of a cell. */
export interface MatrixView {
  models: MatrixModel[];
  tasks: MatrixTask[];
  runOf: (model: MatrixModel, task: MatrixTask) => MatrixRun | undefined;
}

/** Rows and columns whose names have the text; tasks by domain, and on request only those that some model was asked. */
export function viewOf(matrix: RunMatrix, { text, asked }: { text: string; asked: boolean }): MatrixView {
  const runs = new Map(matrix.runs.map((run) => [`${run.model.id} ${run.task.slug}`, run]));
  const askedSlugs = new Set(matrix.runs.map(({ task }) => task.slug));
  const wanted = text.trim().toLowerCase();
  const has = (...names: string[]) => names.some((name) => name.toLowerCase().includes(wanted));
  const models = matrix.models.filter(({ name }) => has(name));
  const tasks = matrix.tasks
    .filter(({ slug, title, domain }) => has(slug, title, domain))
    .filter(({ slug }) => !asked || askedSlugs.has(slug))
    .sort((a, b) => a.domain.localeCompare(b.domain, "en") || a.slug.localeCompare(b.slug, "en"));
  // A text that names rows only leaves all columns, and the other way round.
  return {
    models: models.length > 0 ? models : tasks.length > 0 ? [...matrix.models] : [],
    tasks: tasks.length > 0 ? tasks : models.length > 0 ? viewOf(matrix, { text: "", asked }).tasks : [],
    runOf: (model, task) => runs.get(`${model.id} ${task.slug}`),
  };
}

/** `zero-shot, seed 7`: what tells a way of asking from the others. */
export function settingsName(settings: Settings, others: readonly Settings[]): string {
  const differs = (part: (each: Settings) => unknown) =>
    new Set(others.map((each) => JSON.stringify(part(each)))).size > 1;
  return [
    shotsLabel(settings.shots),
    ...(differs(({ seed }) => seed) ? [`seed ${settings.seed}`] : []),
    ...(differs(({ knownFilter }) => knownFilter)
      ? [settings.knownFilter.toLowerCase().replaceAll("_", " ")]
      : []),
    ...(differs(({ leadIns }) => leadIns) ? [`${settings.leadIns} lead-ins`] : []),
    ...(differs(({ bootstrapSamples }) => bootstrapSamples)
      ? [`${settings.bootstrapSamples} resamples`]
      : []),
    ...(differs(({ analyses }) => analyses) ? [`${settings.analyses.length} further analyses`] : []),
    ...(differs(({ sweepPrompts }) => sweepPrompts) ? [`${settings.sweepPrompts} sweep prompts`] : []),
    ...(differs(({ sweepMode }) => sweepMode) ? [settings.sweepMode.toLowerCase()] : []),
    ...(differs(({ precision }) => precision) ? [PRECISION_LABELS[settings.precision]] : []),
  ].join(", ");
}
