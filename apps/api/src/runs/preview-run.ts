import type { RunPreview, RunSettings, Task } from "@recallscope/engine";
import { resolveModelName } from "../models/model-name.ts";
import { fromJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import { currentTask } from "../tasks/current-task.ts";
import { runCommand } from "./command.ts";
import { memoryNeeded } from "./memory-needed.ts";
import { type TimeEstimate, timeOfRuns } from "./time-of-runs.ts";

export interface PreviewOfRun extends RunPreview {
  command: string;
  /** Bytes that a worker needs; null while nobody has opened the model. */
  memory: number | null;
  time: TimeEstimate | null;
}

/** What a run would ask, and what it would cost. @throws ApiError MODEL_NOT_FOUND, TASK_NOT_FOUND; EngineError of the model's config or tokenizer */
export async function previewRun(
  services: Services,
  request: {
    model: string;
    task: string;
    settings: RunSettings;
    device?: string | null | undefined;
    first: number;
  },
): Promise<PreviewOfRun> {
  const { prisma, engines } = services;
  const { name } = await resolveModelName(request.model, services);
  const task = await currentTask(prisma, request.task);
  const preview = await engines.interactive.preview({
    model: name,
    task: fromJson<Task>(task.content),
    settings: request.settings,
    first: request.first,
  });
  const row = await prisma.model.findUnique({ where: { name }, select: { summary: true } });
  return {
    ...preview,
    command: runCommand(name, request.task, request.settings, request.device),
    memory: row && memoryNeeded(row),
    time: await timeOfRuns(prisma, name, request.settings, preview.passes),
  };
}
