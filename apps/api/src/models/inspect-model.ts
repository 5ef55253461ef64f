import { failureOf } from "../runs/failure.ts";
import type { Services } from "../services.ts";
import { modelFingerprint } from "./fingerprint.ts";
import { type ModelName, resolveModelName } from "./model-name.ts";
import { storeModel, storeNotOpened, storeOpened } from "./store-model.ts";

/** Opens a model, checks it and remembers it. @returns the row's id. @throws EngineError, and then remembers nothing new */
export async function addModel(services: Services, given: string): Promise<string> {
  const model = await resolveModelName(given, services);
  const fingerprint = await modelFingerprint(model, services.modelsFolder);
  const summary = await services.engines.interactive.inspect(model.name, {
    onProgress: ({ message, done, total }) =>
      services.openings.publish({ given, name: model.name, message, done, total }),
  });
  const { id } = await storeModel(services.prisma, model);
  await storeOpened(services.prisma, id, summary, fingerprint);
  return id;
}

/** Opens the models of models/ that changed since they were last opened, one after the other; a broken one is remembered as such. */
export async function inspectBundled(services: Services, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const model: ModelName = { name, source: "BUNDLED" };
    const row = await storeModel(services.prisma, model);
    const fingerprint = await modelFingerprint(model, services.modelsFolder);
    if (row.summary !== null && row.fingerprint === fingerprint) continue;
    try {
      const summary = await services.engines.interactive.inspect(name);
      await storeOpened(services.prisma, row.id, summary, fingerprint);
    } catch (error) {
      if (services.stopping.aborted) return;
      await storeNotOpened(services.prisma, row.id, failureOf(error));
    }
  }
}
