import type { FurtherContext } from "../../../src/analyses/further.ts";
import type { RunSettings } from "../../../src/results/receipt.ts";
import { measureTask } from "../../../src/runner/run-task.ts";
import {
  buildModelM,
  type ModelMOptions,
  openSynthetic,
  type SyntheticModel,
  syntheticSettings,
} from "../../synthetic/model-m-folder.ts";

/** Model M after a standard run: what a further analysis sees. Close it when done. */
export async function knownModel(
  options: ModelMOptions = {},
  changes: Partial<RunSettings> = {},
): Promise<{ context: FurtherContext; model: SyntheticModel; close: () => Promise<void> }> {
  const model = await buildModelM(options);
  const opened = await openSynthetic(model.folder);
  const { context } = await measureTask(opened, model.tasks[0]!, syntheticSettings(changes), {
    related: model.tasks.slice(1),
  });
  return { context, model, close: () => opened.session.close() };
}

/** The same facts and prompts in the opposite order. */
export const backwards = (context: FurtherContext): FurtherContext => ({
  ...context,
  measured: [...context.measured]
    .reverse()
    .map(({ index, prompts }) => ({ index, prompts: [...prompts].reverse() })),
});

/** Paths of all numbers of a report that are not finite. */
export function notFinite(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path];
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`));
}
