import type { RunStatus } from "../generated/prisma/client.ts";

/** A run that waits or is computed. */
export const UNFINISHED: RunStatus[] = ["QUEUED", "RUNNING"];
