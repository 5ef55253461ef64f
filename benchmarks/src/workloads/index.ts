import type { ModelSession } from "../../../packages/engine/src/session/model-session.ts";
import type { Job, JobKind } from "../job.ts";
import type { Prepared, Workload } from "./workload.ts";

/** A job's process loads its own part of the engine only. */
const WORKLOADS: { [K in JobKind]: () => Promise<Workload<K>> } = {
  attribution: async () => (await import("./attribution.ts")).attribution,
  cache: async () => (await import("./cache.ts")).cache,
  decomposition: async () => (await import("./decomposition.ts")).decomposition,
  "head-sweep": async () => (await import("./head-sweep.ts")).headSweep,
  matmul: async () => (await import("./matmul.ts")).matmul,
  "path-final": async () => (await import("./path-patching.ts")).pathFinal,
  "path-queries": async () => (await import("./path-patching.ts")).pathQueries,
  "prefix-sharing": async () => (await import("./prefix-sharing.ts")).prefixSharing,
};

export async function prepare(job: Job, session: ModelSession): Promise<Prepared> {
  const workload = (await WORKLOADS[job.kind]()) as Workload<JobKind>;
  return workload(job, session);
}
