import { isOfRun, type LibraryEvent } from "../jobs/bus.ts";
import { eventStream } from "../jobs/event-stream.ts";
import type { Services } from "../services.ts";

/** Ids of the studies, or saved comparisons, that change, from now on. */
export const watchLibrary = ({ bus }: Services, what: LibraryEvent["what"]): AsyncIterableIterator<string> =>
  eventStream(({ push }) =>
    bus.listen((event) => {
      if (!isOfRun(event) && event.what === what && event.kind === "changed") push(event.id);
    }),
  );
