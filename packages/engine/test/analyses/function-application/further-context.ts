import { afterAll } from "vitest";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import type { RunSettings } from "../../../src/results/receipt.ts";
import type { RunReport } from "../../../src/results/report.ts";
import { measureTask } from "../../../src/runner/run-task.ts";
import { openSynthetic, type SyntheticModel, syntheticSettings } from "../../synthetic/model-m-folder.ts";

/** What a further analysis sees on a synthetic model; the session is closed when the test file ends. */
export async function furtherContext(
  { folder, tasks }: SyntheticModel,
  changes: Partial<RunSettings> = {},
  task = 0,
): Promise<FurtherContext> {
  const model = await openSynthetic(folder);
  afterAll(() => model.session.close());
  const { context } = await measureTask(model, tasks[task]!, syntheticSettings(changes), {
    related: tasks.filter((_, i) => i !== task),
  });
  return context;
}

/** The same with the mover heads given: with few facts a run names none. */
export const withMovers = (context: FurtherContext, ...labels: string[]): FurtherContext => ({
  ...context,
  report: moversSet(context.report, labels),
});

const moversSet = (report: RunReport, labels: readonly string[]): RunReport => ({
  ...report,
  argumentPassing: {
    ...report.argumentPassing,
    movers: [...labels],
    heads: report.argumentPassing.heads.map((head) => ({ ...head, mover: labels.includes(head.label) })),
  },
});

/** Every number inside a value, with its path. */
export function* numbers(value: unknown, path = ""): Generator<[string, number]> {
  if (typeof value === "number") yield [path, value];
  else if (ArrayBuffer.isView(value)) return;
  else if (value && typeof value === "object")
    for (const [key, inner] of Object.entries(value)) yield* numbers(inner, `${path}.${key}`);
}
