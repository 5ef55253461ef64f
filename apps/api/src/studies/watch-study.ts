import { isOfRun } from "../jobs/bus.ts";
import { eventStream } from "../jobs/event-stream.ts";
import type { Services } from "../services.ts";

/** Of many runs at once each tells its progress several times a second; nobody reads a grid that often. */
const INTERVAL_MS = 500;

/** A study's id: at once, then after changes of it and of its runs, at most twice a second; ends when it is deleted. */
export const watchStudy = ({ bus, prisma }: Services, id: string): AsyncIterableIterator<string> =>
  eventStream(({ push, end }) => {
    let runs: ReadonlySet<string> = new Set();
    let timer: NodeJS.Timeout | null = null;
    const look = async () => {
      timer = null;
      const study = await prisma.study
        .findUnique({ where: { id }, select: { cells: { select: { runId: true } } } })
        .catch(() => null);
      if (!study) return end();
      runs = new Set(study.cells.flatMap(({ runId }) => runId ?? []));
      push(id);
    };
    const soon = () => {
      timer ??= setTimeout(look, INTERVAL_MS);
    };
    void look();
    const unlisten = bus.listen((event) => {
      if (!isOfRun(event)) return void (event.what === "study" && event.id === id && soon());
      const { runId, kind } = event;
      if (kind === "help") return;
      if (runs.has(runId)) soon();
      else if (kind === "status")
        // A run that joined the study since.
        prisma.studyCell.count({ where: { studyId: id, runId } }).then(
          (count) => count > 0 && soon(),
          () => {},
        );
    });
    return () => {
      unlisten();
      if (timer) clearTimeout(timer);
    };
  });
