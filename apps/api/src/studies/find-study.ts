import type { RunSettings } from "@recallscope/engine";
import { noSuch, whereIdOrName } from "../named.ts";
import { fromJson } from "../results/json.ts";
import type { Tx } from "../services.ts";
import type { Axes } from "./axes.ts";

/** The plain id of the study that an id or a name means. @throws ApiError NOT_FOUND */
export async function findStudyId(tx: Tx, text: string): Promise<string> {
  const study = await tx.study.findUnique({ where: whereIdOrName(text), select: { id: true } });
  if (!study) throw noSuch("study", text);
  return study.id;
}

/** A study's grid as it is stored. */
export async function axesOf(tx: Tx, id: string): Promise<Axes> {
  const { settings } = await tx.study.findUniqueOrThrow({ where: { id }, select: { settings: true } });
  const first = { studyId: id, settingsPlace: 0 };
  const models = await tx.studyCell.findMany({
    where: { ...first, taskPlace: 0 },
    orderBy: { modelPlace: "asc" },
    select: { modelId: true },
  });
  const tasks = await tx.studyCell.findMany({
    where: { ...first, modelPlace: 0 },
    orderBy: { taskPlace: "asc" },
    select: { taskId: true },
  });
  return {
    models: models.map(({ modelId }) => modelId),
    tasks: tasks.map(({ taskId }) => taskId),
    settings: fromJson<RunSettings[]>(settings),
  };
}
