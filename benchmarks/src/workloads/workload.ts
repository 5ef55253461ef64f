import { openCheckpoint } from "../../../packages/engine/src/checkpoints/open-checkpoint.ts";
import { DEFAULT_DEVICE, type Device } from "../../../packages/engine/src/session/device.ts";
import { ModelSession } from "../../../packages/engine/src/session/model-session.ts";
import type { Job, JobKind, JobOf, Numbers } from "../job.ts";

/** A job made ready: tokens turned into whatever the engine takes, nothing computed. */
export interface Prepared {
  run(): Promise<Numbers>;
  /** Compiles graphs and touches memory; less work than a run where a run is long. */
  warmUp(): Promise<unknown>;
}

/** How the engine does one kind of job. */
export type Workload<K extends JobKind> = (job: JobOf<K>, session: ModelSession) => Promise<Prepared>;

export async function openSession(
  { model, threads }: Pick<Job, "model" | "threads">,
  device: Device = DEFAULT_DEVICE,
): Promise<ModelSession> {
  return ModelSession.open(await openCheckpoint(model, "benchmark"), { threads, device });
}
