import type { Aggregation, FactPrompts } from "../analyses/analysis.ts";
import type { FurtherContext } from "../analyses/further.ts";
import { attributions } from "../gradients/attribution.ts";
import { gradients } from "../gradients/gradients.ts";
import { FactBootstrap } from "../math/fact-bootstrap.ts";
import { execute } from "../planner/execute.ts";
import type { RunReport } from "../results/report.ts";
import type { Task } from "../tasks/task.ts";
import type { AskedTask } from "./ask-task.ts";
import type { OpenModel } from "./open-model.ts";

/** What an analysis sees of a set of facts; the bootstrap draws among them. */
export function aggregationOf(
  { context, prepared }: AskedTask,
  measured: readonly FactPrompts[],
): Aggregation {
  const { bootstrapSamples, seed } = context.settings;
  const names = measured.map(({ index }) => prepared.facts[index]!.subject);
  return {
    ...context,
    measured,
    bootstrap: new FactBootstrap(measured.length, bootstrapSamples, seed, names),
  };
}

/** What further analyses see of a run whose report is complete but for them. */
export function furtherContext(
  model: OpenModel,
  task: Task,
  asked: AskedTask,
  report: RunReport,
  {
    related = [],
    signal,
    progress = () => {},
  }: {
    related?: readonly Task[];
    signal?: AbortSignal;
    progress?: (done: number, total: number) => void;
  },
): FurtherContext {
  const known = asked.facts.filter(({ index }) => report.task.facts[index]!.known);
  const cancel = { ...(signal && { signal }) };
  return {
    ...aggregationOf(asked, known),
    report,
    task,
    tokenizer: model.tokenizer,
    unknown: asked.facts.filter((fact) => !known.includes(fact)),
    related,
    execute: (passes) => execute(model.session, passes, cancel),
    gradients: (prompts, hooks) => gradients(model.session, prompts, hooks, cancel),
    attributions: (pairs, hooks, quadrature) =>
      attributions(model.session, pairs, hooks, { ...(quadrature && { quadrature }), ...cancel }),
    progress,
  };
}
