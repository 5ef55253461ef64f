import {
  assembleStudy,
  EngineError,
  type ErrorCode,
  type RunReport,
  SKIPPED_CODES,
  type StudyReport,
} from "@recallscope/engine";
import { badInput } from "../failure.ts";
import { interruptible } from "../interrupt.ts";
import { createProgress } from "../progress.ts";
import type { Connection } from "../store/connection.ts";
import { modelThere, refuseDevice, refuseTaskFile } from "../store/for-server.ts";
import { entriesOf } from "../store/pages.ts";
import { fetchReport } from "../store/run-on-server.ts";
import { type EndedCell, followStudy, queueStudy } from "../store/study-on-server.ts";
import { settingsOf } from "./settings.ts";
import type { StudyFlags } from "./study.ts";

export interface StudyThere {
  studies: StudyReport[];
  /** What became of the runs that have no report, unless their tasks cannot be asked; null: all is well. */
  failure: EngineError | null;
}

/** Has a server make a study, and follows it to its end; with `--detach` only one line on where it is. */
export async function studyThere(connection: Connection, flags: StudyFlags): Promise<StudyThere | string> {
  refuseDevice(connection, flags);
  const { name, model } = flags;
  if (name === undefined)
    throw badInput(`study: the server at ${connection.url} keeps it under a name (add --name)`);
  for (const task of flags.tasks) refuseTaskFile(connection, task);
  const tasks = flags.tasks.includes("all")
    ? (await entriesOf<{ slug: string }>(connection, "tasks", "slug")).map(({ slug }) => slug)
    : flags.tasks;
  const settings = flags.shots.map((shots) => settingsOf(flags, shots));
  const study = await queueStudy(connection, { name, model: modelThere(connection, model), tasks, settings });
  if (flags.detach) {
    const { created, queued, found } = study;
    return `study ${name}: ${created ? "made" : "is"} at the server at ${connection.url}, ${queued} runs queued, ${found} found`;
  }
  const progress = createProgress(flags.quiet ?? false);
  try {
    return await interruptible(async (signal) => {
      const cells = await followStudy(
        connection,
        { id: study.id, name },
        { signal, onProgress: progress.report },
      );
      const studies: StudyReport[] = [];
      for (const shots of flags.shots) {
        const own = tasks.map((task) => cells.find((cell) => cell.task === task && cell.shots === shots)!);
        studies.push(await studyOf(connection, own));
      }
      return { studies, failure: failureOf(name, cells) };
    }, "no longer following ...");
  } finally {
    progress.stop();
  }
}

async function studyOf(connection: Connection, cells: readonly EndedCell[]): Promise<StudyReport> {
  const runs: RunReport[] = [];
  const skipped: StudyReport["skipped"] = [];
  for (const { task, run } of cells) {
    if (run?.status === "SUCCEEDED") runs.push(typed(await fetchReport(connection, run.id)));
    else if (cannotBeAsked(run)) skipped.push({ taskId: task, reason: run!.error!.message });
  }
  return assembleStudy({ runs, skipped });
}

/** A report out of JSON: its arrays are lists there, with null for what was not observed. */
const typed = (report: RunReport): RunReport => ({
  ...report,
  arrays: report.arrays.map((array) => ({
    ...array,
    values: Float32Array.from(array.values as Iterable<number | null>, (value) => value ?? Number.NaN),
  })),
});

const cannotBeAsked = (run: EndedCell["run"]): boolean =>
  run?.status === "FAILED" && (SKIPPED_CODES as readonly string[]).includes(run.error?.code ?? "");

function failureOf(name: string, cells: readonly EndedCell[]): EngineError | null {
  const failed = cells.filter(({ run }) => run?.status !== "SUCCEEDED" && !cannotBeAsked(run));
  if (failed.length === 0) return null;
  const what = failed.map(({ task, shots, run }) => {
    const why = run === null ? "its run was deleted" : (run.error?.message ?? `run ${run.key} was cancelled`);
    return `${task} with ${shots} shots: ${why}`;
  });
  return new EngineError(
    (failed.find(({ run }) => run?.error)?.run?.error?.code ?? "ENGINE_FAILED") as ErrorCode,
    `study ${name}: ${failed.length} of ${cells.length} runs came to nothing (the same command tries them again): ${what.join("; ")}`,
  );
}
