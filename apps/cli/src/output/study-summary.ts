import type { RunReport, StudyReport } from "@recallscope/engine";
import { percent, plain, short, withInterval } from "./numbers.ts";
import { table } from "./table.ts";

/** One row per task of a study, then the tasks that could not be asked. */
export function summariseStudy({ runs, skipped }: StudyReport): string {
  const first = runs[0];
  const title = first ? `${first.receipt.model.name}, ${first.receipt.settings.shots} shots` : "no run";
  const body = table(
    ["task", "known", "top-1", "median rank", "top mover", "effect", "headline MLP", "final layer, nats"],
    runs.map(row),
  );
  return [title, body, ...skipped.map(({ taskId, reason }) => `not asked: ${taskId}: ${reason}`)].join("\n");
}

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
