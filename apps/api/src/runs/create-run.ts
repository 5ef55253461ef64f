import { DEFAULT_PRECISION, type Device, type ModelSummary, type RunSettings } from "@recallscope/engine";
import type { RunPriority } from "../generated/prisma/client.ts";
import { modelFingerprint } from "../models/fingerprint.ts";
import { resolveModelName } from "../models/model-name.ts";
import { storeModel } from "../models/store-model.ts";
import { fromJson } from "../results/json.ts";
import type { Services } from "../services.ts";
import { FIRST_SHARD } from "../shards/stages.ts";
import { currentTask } from "../tasks/current-task.ts";
import { relatedHashes } from "../tasks/related-tasks.ts";
import { checkDevice } from "./check-device.ts";
import { findFinished } from "./find-run.ts";
import { memoryNeeded } from "./memory-needed.ts";
import { requestKey, runKey } from "./run-key.ts";
import { needsOf } from "./run-needs.ts";
import { UNFINISHED } from "./unfinished.ts";

export interface RunRequest {
  model: string;
  /** Slug, for the version that new runs ask; or the id of a version. */
  task: string | { id: string };
  settings: RunSettings;
  /** Compute again even when the store has this run. */
  force: boolean;
  /** Runs of higher priority go first; default NORMAL. */
  priority?: RunPriority;
  /** What it is to be computed on; null, the default: whatever a worker has. */
  device?: Device | null;
  /** The token that asks; null for this machine's own user. */
  createdById?: string | null;
}

/**
 * Queues a run, or finds it: finished under the same content hash, or waiting and running for the same request.
 * @returns its id, and whether it is new
 * @throws ApiError MODEL_NOT_FOUND, MODEL_NOT_ALLOWED, TASK_NOT_FOUND; DEVICE_UNUSABLE when no worker has the device or the precision that a new run needs
 */
export async function createRun(
  services: Services,
  {
    model: given,
    task: asked,
    settings,
    force,
    priority = "NORMAL",
    device = null,
    createdById = null,
  }: RunRequest,
): Promise<{ id: string; created: boolean }> {
  const { prisma, queue, bus, modelsFolder } = services;
  const name = await resolveModelName(given, services);
  const task =
    typeof asked === "string"
      ? await currentTask(prisma, asked)
      : await prisma.task.findUniqueOrThrow({ where: asked });
  const fingerprint = await modelFingerprint(name, modelsFolder);
  const related = await relatedHashes(prisma, task);
  const request = requestKey({ name: name.name, fingerprint }, task.hash, settings, related);

  const outcome = await prisma.$transaction(async (tx) => {
    // Of several at once that ask for the same, on any server, the others wait here and find what the first one made.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${request}, 0))`;
    const model = await storeModel(tx, name);
    const opened = model.summary !== null && model.fingerprint === fingerprint;
    const key = opened
      ? runKey(fromJson<ModelSummary>(model.summary), task.hash, settings, related)
      : request;
    if (!force) {
      const active = await tx.run.findFirst({
        where: {
          requestKey: request,
          status: { in: UNFINISHED },
          ...(device !== null && { device }),
        },
        orderBy: { id: "desc" },
      });
      const known = active ?? (await findFinished(tx, key, device));
      if (known) return { id: known.id, created: false };
    }
    const needs = needsOf({ device, source: null, precision: settings.precision ?? DEFAULT_PRECISION });
    await checkDevice(tx, needs);
    const { id } = await tx.run.create({
      data: {
        key,
        requestKey: request,
        modelId: model.id,
        taskId: task.id,
        ...settings,
        analyses: [...settings.analyses],
        related,
        priority,
        device,
        createdById,
        shards: { create: FIRST_SHARD },
      },
    });
    const memory = opened ? memoryNeeded(model) : null;
    await queue.add({ id, priority, memory, ...needs }, tx);
    return { id, created: true };
  });
  if (outcome.created) {
    queue.wake();
    bus.publish({ runId: outcome.id, kind: "status" });
  }
  return outcome;
}
