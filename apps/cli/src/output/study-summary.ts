import type { RunReport, StudyReport } from "@recallscope/engine";
import { percent, plain, short, withInterval } from "./numbers.ts";
import { table } from "./table.ts";

/** One row per task of a study, what each step's evidence comes to, shared heads, then the tasks that could not be asked. */
export function summariseStudy({ runs, table: rows, overlaps, skipped }: StudyReport): string {
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
    shared(overlaps),
    ...skipped.map(({ taskId, reason }) => `not asked: ${taskId}: ${reason}`),
  ]
    .filter(Boolean)
    .join("\n");
}

/** Everything that is present or absent; what the data leave open is counted. */
function verdicts(rows: StudyReport["table"]): string {
  const lines = rows.flatMap(({ key, verdicts: all }) => {
    const decided = all.filter(({ verdict }) => verdict !== "INCONCLUSIVE");
    const open = all.length - decided.length;
    return [
      ...decided.map(({ step, verdict, quantity, estimate }) => [
        key.taskId,
        step,
        verdict.toLowerCase(),
        quantity,
        withInterval(estimate),
      ]),
      ...(open > 0 ? [[key.taskId, "", "inconclusive", `${open} more pieces of evidence`, ""]] : []),
    ];
  });
  return lines.length ? `\n${table(["task", "step", "verdict", "evidence", ""], lines, { left: 4 })}` : "";
}

const shared = (overlaps: StudyReport["overlaps"]): string =>
  overlaps.length === 0
    ? ""
    : `\n${table(
        ["tasks", "top heads shared", "Jaccard", "chance", "p", "Spearman"],
        overlaps.map(({ a, b, overlap }) => [
          `${a} / ${b}`,
          `${overlap.common} of ${overlap.k}`,
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
