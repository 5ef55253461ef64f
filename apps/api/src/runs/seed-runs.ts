import { bundledModels, DEFAULT_SETTINGS } from "@recallscope/engine";
import type { Services } from "../services.ts";
import { createRun } from "./create-run.ts";

const TASKS = ["country-capital", "country-language"];
const SHOTS = [0, 2];

/** Queues the first runs of an empty store, so that there is something to see. @returns how many */
export async function seedRuns(services: Services): Promise<number> {
  if ((await services.prisma.run.count()) > 0) return 0;
  let queued = 0;
  for (const model of await bundledModels(services.modelsFolder)) {
    for (const task of TASKS) {
      for (const shots of SHOTS) {
        await createRun(services, { model, task, settings: { ...DEFAULT_SETTINGS, shots }, force: false });
        queued++;
      }
    }
  }
  return queued;
}
