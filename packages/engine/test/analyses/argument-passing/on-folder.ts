import { afterAll } from "vitest";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import type { RunSettings } from "../../../src/results/receipt.ts";
import { measureTask } from "../../../src/runner/run-task.ts";
import { openSynthetic, type SyntheticModel, syntheticSettings } from "../../synthetic/model-m-folder.ts";

/** A run on a synthetic folder as further analyses see it; the model closes after the test file. */
export async function contextOn(
  { folder, tasks }: SyntheticModel,
  settings: Partial<RunSettings> = {},
  task = 0,
): Promise<FurtherContext> {
  const model = await openSynthetic(folder);
  afterAll(() => model.session.close());
  const related = tasks.filter((_, i) => i !== task);
  return (await measureTask(model, tasks[task]!, syntheticSettings(settings), { related })).context;
}

/** The same run with other movers. */
export const withMovers = (context: FurtherContext, movers: readonly string[]): FurtherContext => ({
  ...context,
  report: {
    ...context.report,
    argumentPassing: {
      ...context.report.argumentPassing,
      movers: [...movers],
      heads: context.report.argumentPassing.heads.map((head) => ({
        ...head,
        mover: movers.includes(head.label),
      })),
    },
  },
});
