import { eventStream } from "../jobs/event-stream.ts";
import type { Services } from "../services.ts";

/** Ids of runs whose status changes, from now on. */
export const watchRuns = ({ bus }: Services): AsyncIterableIterator<string> =>
  eventStream(({ push }) => bus.listen(({ runId, kind }) => kind === "status" && push(runId)));

/** One run's id: at once, then at each of its changes; ends after the change that ended the run, or when it is deleted. */
export const watchRun = ({ bus, prisma }: Services, id: string): AsyncIterableIterator<string> =>
  eventStream(({ push, end }) => {
    const look = async () => {
      const run = await prisma.run.findUnique({ where: { id }, select: { status: true } }).catch(() => null);
      if (run) push(id);
      if (!run || (run.status !== "QUEUED" && run.status !== "RUNNING")) end();
    };
    void look();
    return bus.listen(({ runId, kind }) => {
      if (runId !== id || kind === "help") return;
      if (kind === "deleted") end();
      else void look();
    });
  });
