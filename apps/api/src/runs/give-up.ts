import type { Services } from "../services.ts";
import { failRun } from "./fail-run.ts";

/** Ends a run whose ticket came back too often. */
export async function giveUp(
  { prisma, bus, log }: Services,
  runId: string,
  lastError: string | null,
): Promise<void> {
  const reason = lastError ? `; the last time: ${lastError}` : "";
  const message = `run: given up after its workers ended or failed too often${reason}; create it again with force to try once more`;
  if (!(await failRun(prisma, runId, { code: "RUN_INTERRUPTED", message }))) return;
  log.warn({ runId }, "run was given up");
  bus.publish({ runId, kind: "status" });
}
