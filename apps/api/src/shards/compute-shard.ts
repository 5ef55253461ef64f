import type { FurtherId, RunProgress, RunRequest, ShardRequest } from "@recallscope/engine";
import type { Model, Run, RunShard, Task as TaskRow } from "../generated/prisma/client.ts";
import { modelFingerprint } from "../models/fingerprint.ts";
import { refuseMoved } from "../models/model-name.ts";
import { fromJson } from "../results/json.ts";
import { settingsOf } from "../runs/settings.ts";
import type { Services } from "../services.ts";
import { tasksOf } from "../tasks/related-tasks.ts";
import type { ShardOutcome } from "./finish-shard.ts";
import { readShardBytes } from "./shard-bytes.ts";

export type RunInHand = Run & { model: Model; task: TaskRow };

/** What the engine is asked for a run. @throws ApiError where the model stands elsewhere now */
export async function requestOf(services: Services, run: RunInHand): Promise<RunRequest> {
  await refuseMoved(run.model, services);
  return {
    model: run.model.name,
    task: fromJson(run.task.content),
    settings: settingsOf(run),
    related: await tasksOf(services.prisma, run.related),
  };
}

/** Computes a shard of any kind but REPORT. */
export async function computeShard(
  services: Services,
  run: RunInHand,
  shard: RunShard,
  options: { signal: AbortSignal; onProgress: (progress: RunProgress) => void },
): Promise<ShardOutcome> {
  const { engines, modelsFolder } = services;
  const request = await requestOf(services, run);
  if (shard.kind === "PLAN") {
    const started = Date.now();
    // Before the files are opened: what they are taken for later must be no newer than what was computed from.
    const fingerprint = await modelFingerprint(run.model, modelsFolder).catch(() => null);
    const plan = await engines.runs.plan(request, options);
    return { plan, fingerprint, seconds: (Date.now() - started) / 1000 };
  }
  const asked = await shardRequest(services, run, shard);
  return engines.runs.shard({ ...request, shard: asked }, options);
}

async function shardRequest(
  { prisma }: Services,
  run: RunInHand,
  { kind, from, to, analysis }: RunShard,
): Promise<ShardRequest> {
  switch (kind) {
    case "FACTS":
      return { kind: "facts", from: from!, to: to! };
    case "SUMMARY": {
      const facts = await readShardBytes(prisma, run.id, "FACTS");
      return { kind: "summary", facts, startedAt: run.startedAt! };
    }
    case "FURTHER": {
      const [summary] = await readShardBytes(prisma, run.id, "SUMMARY");
      return { kind: "further", id: analysis as FurtherId, summary: summary! };
    }
    default:
      throw new Error(`shard of kind ${kind}: is not computed by the engine`);
  }
}
