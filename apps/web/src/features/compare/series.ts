import { SERIES_COLORS } from "@/charts/color-scale.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";

/** What names a run and tells it from others. */
export interface NamedRun {
  id: string;
  key: string;
  model: { name: string };
  task: { slug: string; title: string };
  settings: { shots: number };
}

/** How a run is drawn everywhere on the page: hue = model, dash and symbol = task and shots, the baseline in ink. */
export interface Series<Run extends NamedRun = NamedRun> {
  run: Run;
  name: string;
  color: string;
  dash: string | undefined;
  symbol: SymbolName;
  baseline: boolean;
}

const DASHES = [undefined, "7 4", "2 3", "9 3 2 3", "4 2 1 2", "12 3"];
export const SYMBOLS = ["circle", "diamond", "triangle", "square", "star", "cross"] as const;
export type SymbolName = (typeof SYMBOLS)[number];

/** @param baseline id of the baseline; the first run where there is none of that id */
export function seriesOf<Run extends NamedRun>(runs: readonly Run[], baseline: string): Series<Run>[] {
  const first = runs.some(({ id }) => id === baseline) ? baseline : runs[0]?.id;
  const models = [...new Set(runs.map((run) => run.model.name))];
  const questions = [...new Set(runs.map(question))];
  return runs.map((run) => {
    const asked = questions.indexOf(question(run)) % DASHES.length;
    return {
      run,
      name: seriesName(run, runs),
      color:
        run.id === first
          ? "var(--ink)"
          : (SERIES_COLORS[models.indexOf(run.model.name) % SERIES_COLORS.length] as string),
      dash: DASHES[asked],
      symbol: SYMBOLS[asked] as SymbolName,
      baseline: run.id === first,
    };
  });
}

const question = (run: NamedRun) => `${run.task.slug}/${run.settings.shots}`;

/** Only what tells the runs apart; the key when nothing does. */
function seriesName(run: NamedRun, runs: readonly NamedRun[]): string {
  const differs = (part: (each: NamedRun) => unknown) => new Set(runs.map(part)).size > 1;
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
