import { SERIES_COLORS } from "@/charts/color-scale.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import type { ComparedRun } from "./queries.ts";

/** How a run is drawn everywhere on the page: hue = model, dash = task and shots, the baseline in ink. */
export interface Series {
  run: ComparedRun;
  name: string;
  color: string;
  dash: string | undefined;
  baseline: boolean;
}

const DASHES = [undefined, "7 4", "2 3", "9 3 2 3", "4 2 1 2"];

export function seriesOf(runs: readonly ComparedRun[]): Series[] {
  const models = [...new Set(runs.slice(1).map((run) => run.model.name))];
  const tasks = [...new Set(runs.map(question))];
  return runs.map((run, index) => ({
    run,
    name: seriesName(run, runs),
    color:
      index === 0
        ? "var(--ink)"
        : (SERIES_COLORS[models.indexOf(run.model.name) % SERIES_COLORS.length] as string),
    dash: DASHES[tasks.indexOf(question(run)) % DASHES.length],
    baseline: index === 0,
  }));
}

const question = (run: ComparedRun) => `${run.task.slug}/${run.settings.shots}`;

/** Only what tells the runs apart; the key when nothing does. */
function seriesName(run: ComparedRun, runs: readonly ComparedRun[]): string {
  const differs = (part: (each: ComparedRun) => unknown) => new Set(runs.map(part)).size > 1;
  const parts = [
    ...(differs((each) => each.model.name) ? [shortModelName(run.model.name)] : []),
    ...(differs((each) => each.task.slug) ? [run.task.title] : []),
    ...(differs((each) => each.settings.shots) ? [shotsLabel(run.settings.shots)] : []),
  ];
  const twins = runs.filter(
    (each) =>
      each.model.name === run.model.name &&
      each.task.slug === run.task.slug &&
      each.settings.shots === run.settings.shots,
  );
  if (parts.length === 0 || twins.length > 1) parts.push(run.key.slice(0, 8));
  return parts.join(", ");
}
