import type { RunSettings } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { RunStatus } from "../generated/prisma/enums.ts";
import { fromJson } from "../results/json.ts";
import { createRun } from "../runs/create-run.ts";
import { failureOf } from "../runs/failure.ts";
import type { Services } from "../services.ts";

/** How many runs of a study were made, and how many the store had already, finished or on their way. */
export interface Filled {
  queued: number;
  found: number;
}

const ENDED_WITHOUT_RESULT: RunStatus[] = ["FAILED", "CANCELLED"];

/**
 * Queues or finds the run of each cell that has none, in the order of the grid. What was done stays when a later cell fails or the
 * process ends, and the same call again does the rest.
 * @param retry also for cells whose run failed or was cancelled
 * @throws ApiError with the code of the first model that cannot be run, after the cells of all others
 */
export async function fillStudy(
  services: Services,
  studyId: string,
  { createdById, retry = false }: { createdById: string | null; retry?: boolean },
): Promise<Filled> {
  const { prisma, bus } = services;
  const cells = await prisma.studyCell.findMany({
    where: {
      studyId,
      OR: [{ runId: null }, ...(retry ? [{ run: { status: { in: ENDED_WITHOUT_RESULT } } }] : [])],
    },
    orderBy: [{ modelPlace: "asc" }, { taskPlace: "asc" }, { settingsPlace: "asc" }],
    include: { model: { select: { name: true } }, study: { select: { settings: true } } },
  });
  const filled = { queued: 0, found: 0 };
  const failed = new Map<string, unknown>();
  /** By the settings' place: nobody could compute with them now, whatever the model. */
  const refused = new Map<number, unknown>();
  for (const { model, study, taskId, modelId, runId, ...places } of cells) {
    if (failed.has(model.name) || refused.has(places.settingsPlace)) continue;
    const settings = fromJson<RunSettings[]>(study.settings)[places.settingsPlace]!;
    try {
      const run = await createRun(services, {
        model: model.name,
        task: { id: taskId },
        settings,
        force: false,
        createdById,
      });
      // Another call may have filled it meanwhile, or the study may be gone.
      await prisma.studyCell.updateMany({ where: { ...places, runId }, data: { runId: run.id } });
      filled[run.created ? "queued" : "found"]++;
      bus.publish({ runId: run.id, kind: "status" });
    } catch (error) {
      if (failureOf(error).code === "DEVICE_UNUSABLE") refused.set(places.settingsPlace, error);
      else failed.set(model.name, error);
    }
  }
  // Also where it has no more runs than before: its sides may have grown.
  bus.publish({ what: "study", id: studyId, kind: "changed" });
  const [first] = [...failed.values(), ...refused.values()];
  if (first !== undefined) throw withRest(first, failed.size, refused.size);
  return filled;
}

function withRest(error: unknown, models: number, settings: number): unknown {
  const { code, message } = failureOf(error);
  if (code === "ENGINE_FAILED" || code === "DATABASE_FAILED") return error;
  const which = [
    models > 0 && (models === 1 ? "this model's cells" : `the cells of ${models} models`),
    settings > 0 &&
      (settings === 1 ? "all cells with these settings" : `the cells with ${settings} settings`),
  ]
    .filter(Boolean)
    .join(" and ");
  return new ApiError(code, `${message}; ${which} are missing from the study, all others are in it`);
}
