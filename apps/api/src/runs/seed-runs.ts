import { bundledModels, DEFAULT_SETTINGS } from "@recallscope/engine";
import type { Services } from "../services.ts";
import { createRun } from "./create-run.ts";

const TASK = "country-capital";

/** Queues the first runs of an empty store, one of each bundled model, so that there is something to see and to compare. @returns how many */
export async function seedRuns(services: Services): Promise<number> {
  if ((await services.prisma.run.count()) > 0) return 0;
  const models = await bundledModels(services.modelsFolder);
  // Whatever the user asks for goes before.
  for (const model of models)
    await createRun(services, {
      model,
      task: TASK,
      settings: DEFAULT_SETTINGS,
      force: false,
      priority: "LOW",
    });
  return models.length;
}
