import DataLoader from "dataloader";
import { countCells, type StudyCounts } from "../studies/count-cells.ts";
import { builder, type Context } from "./builder.ts";

export const StudyProgress = builder.objectRef<StudyCounts>("StudyProgress").implement({
  description: "How many cells of a study are in which state.",
  fields: (t) => ({
    total: t.exposeInt("total", { description: "All cells." }),
    missing: t.exposeInt("missing", {
      description: "Cells without a run: it was deleted, or could not be asked for. `retryStudy` makes it.",
    }),
    queued: t.exposeInt("queued", { description: "Cells whose run waits for its turn." }),
    running: t.exposeInt("running", { description: "Cells whose run is being computed." }),
    succeeded: t.exposeInt("succeeded", { description: "Cells whose run has a report." }),
    failed: t.exposeInt("failed", { description: "Cells whose run failed." }),
    cancelled: t.exposeInt("cancelled", { description: "Cells whose run was stopped." }),
    fraction: t.exposeFloat("fraction", {
      description: "Share of the work that is done, 0 to 1; runs in progress count with their own share.",
    }),
  }),
});

const loaders = new WeakMap<Context, DataLoader<string, StudyCounts>>();

/** The counts of a study; those of all studies of one answer are read in one statement. */
export function progressOf(id: string, context: Context): Promise<StudyCounts> {
  let loader = loaders.get(context);
  if (!loader) {
    // Not kept: a subscription asks again and again in one context.
    loader = new DataLoader((ids) => countCells(context.prisma, ids), { cache: false });
    loaders.set(context, loader);
  }
  return loader.load(id);
}
