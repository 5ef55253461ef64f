import type { RunProgress } from "@recallscope/engine";
import type { Services } from "../services.ts";
import { storable } from "./failure.ts";

const INTERVAL_MS = 250;

/**
 * Writes a run's progress into its row, at most four times a second, the newest always in the end.
 * @param attempt only the attempt that is under way may write
 * @param onGone called when the row no longer belongs to this attempt: cancelled, deleted or taken over
 */
export function progressWriter(
  { prisma, bus, log }: Services,
  { runId, attempt, onGone }: { runId: string; attempt: number; onGone: () => void },
): { report: (progress: RunProgress) => void; stop: () => Promise<void> } {
  let newest: RunProgress | null = null;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  const write = async () => {
    timer = null;
    if (newest === null) return;
    const { step, done, total, fraction, message } = newest;
    newest = null;
    try {
      const { count } = await prisma.run.updateMany({
        where: { id: runId, status: "RUNNING", attempts: attempt },
        data: { step, stepDone: done, stepTotal: total, fraction, message: storable(message) },
      });
      if (count === 0) onGone();
      else bus.publish({ runId, kind: "progress" });
    } catch (error) {
      log.warn({ error, runId }, "progress was not written");
    }
  };
  return {
    report: (progress) => {
      newest = progress;
      timer ??= setTimeout(() => {
        writing = writing.then(write);
      }, INTERVAL_MS);
    },
    stop: async () => {
      if (timer) clearTimeout(timer);
      newest = null;
      await writing;
    },
  };
}
