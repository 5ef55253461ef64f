import type { RunReport, StudyReport } from "@recallscope/engine";
import { percent, plain, short, withInterval } from "./numbers.ts";
import { table } from "./table.ts";

/**
 * One row per task of a study, what each step's evidence comes to, shared heads, then the tasks that could not be asked.
 * @param untested why it has no tests across tasks
 */
export function summariseStudy(study: StudyReport, untested = ""): string {
  const { runs, table: rows, overlaps, skipped } = study;
  const first = runs[0];
  const title = first ? `${first.receipt.model.name}, ${first.receipt.settings.shots} shots` : "no run";
  const body = table(
    ["task", "known", "top-1", "median rank", "top mover", "effect", "headline MLP", "final layer, nats"],
    runs.map(row),
  );
  return [
    title,
    body,
    verdicts(rows),
    intercepts(study, untested),
    shared(overlaps),
    ...skipped.map(({ taskId, reason }) => `not asked: ${taskId}: ${reason}`),
  ]
    .filter(Boolean)
    .join("\n");
}

/** Every piece of evidence with its verdict, and why the data leave it open where they do. Each piece is a claim of its own. */
function verdicts(rows: StudyReport["table"]): string {
  const lines = rows.flatMap(({ key, verdicts: all }) =>
    all.map(({ step, verdict, quantity, estimate, why }) => [
      key.taskId,
      step,
      verdict.toLowerCase(),
      quantity,
      estimate.value === null ? "not observed" : withInterval(estimate),
      verdict === "INCONCLUSIVE" ? why : "",
    ]),
  );
  return lines.length
    ? `\n${table(["task", "step", "verdict", "evidence", "", "why open"], lines, { left: 6 })}`
    : "";
}

/** Whether intercepts belong to their tasks, or why that was not tested. */
function intercepts({ analyses, runs }: StudyReport, untested: string): string {
  const tests = analyses["intercept-tests"];
  if (!tests)
    return runs.length < 2 ? "" : `\nintercepts across tasks: not tested${untested && ` (${untested})`}`;
  const lines = tests.layers.map(({ layer, crossTask }) => {
    const { intercept, heldOut, mean, reason, tasks } = crossTask;
    const text = (name: string, one: typeof mean) =>
      one ? `${name} T ${short(one.statistic)} logits (p ${short(one.pValue)})` : "";
    return mean
      ? `MLP${layer}, ${tasks.length} tasks: ${[text("intercept", intercept), text("held out", heldOut), text("mean output", mean)].filter(Boolean).join(", ")}`
      : `MLP${layer}: not tested (${reason ?? "no reason given"})`;
  });
  const rest = tests.reason ? [`not tested (${tests.reason})`] : [];
  return `\nown answers favoured over other tasks' (facts permuted over tasks)\n${[...lines, ...rest].map((line) => `  ${line}`).join("\n")}`;
}

const shared = (overlaps: StudyReport["overlaps"]): string =>
  overlaps.length === 0
    ? ""
    : `\n${table(
        ["tasks", "top heads shared", "Jaccard", "Jaccard by chance", "p", "Spearman"],
        overlaps.map(({ a, b, overlap }) => [
          `${a} / ${b}`,
          `${overlap.common} of ${Math.min(overlap.headsA.length, overlap.headsB.length)}`,
          short(overlap.jaccard),
          short(overlap.chance),
          short(overlap.pValue),
          short(overlap.spearman),
        ]),
      )}`;

function row({ task, prediction, argumentPassing, mlpActivation, finalLayer }: RunReport): string[] {
  const top = [...argumentPassing.heads].sort((a, b) => a.rank - b.rank)[0]!;
  return [
    task.id,
    `${task.factsKnown}/${task.factsAdmitted}`,
    percent(prediction.top1.value),
    plain(prediction.medianRank),
    top.mover ? top.label : `(${top.label})`,
    withInterval(top.effect),
    mlpActivation.headlineLayer === null ? "-" : `MLP${mlpActivation.headlineLayer}`,
    short(finalLayer.logProbChange.value),
  ];
}
