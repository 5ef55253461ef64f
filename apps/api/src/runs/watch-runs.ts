import { isOfRun } from "../jobs/bus.ts";
import { eventStream } from "../jobs/event-stream.ts";
import type { Services } from "../services.ts";

/** Ids of runs whose status, tags or note change, from now on. */
export const watchRuns = ({ bus }: Services): AsyncIterableIterator<string> =>
  eventStream(({ push }) =>
    bus.listen((event) => {
      if (isOfRun(event) && (event.kind === "status" || event.kind === "labels")) push(event.runId);
    }),
  );

/** One run's id: at once, then at each of its changes; ends after the change that ended the run, or when it is deleted. */
export const watchRun = ({ bus, prisma }: Services, id: string): AsyncIterableIterator<string> =>
  eventStream(({ push, end }) => {
    const look = async () => {
      const run = await prisma.run.findUnique({ where: { id }, select: { status: true } }).catch(() => null);
      if (run) push(id);
      if (!run || (run.status !== "QUEUED" && run.status !== "RUNNING")) end();
    };
    void look();
    return bus.listen((event) => {
      if (!isOfRun(event)) return;
      const { runId, kind } = event;
      if (runId !== id || kind === "help") return;
      if (kind === "deleted") end();
      else void look();
    });
  });
