import { ANALYSES } from "../analyses/index.ts";
import { EngineError } from "../errors.ts";
import { throwIfCancelled } from "../planner/execute.ts";
import type { RunReport } from "../results/report.ts";
import type { Task } from "../tasks/task.ts";
import type { AskedTask } from "./ask-task.ts";
import { assembleReport } from "./assemble-report.ts";
import type { MeasuredFact } from "./measure-facts.ts";
import type { OpenModel } from "./open-model.ts";
import { aggregationOf } from "./run-context.ts";

/** Parts that `onDone` counts. */
export const SUMMARY_PARTS = 4;

/**
 * Turns what all admitted facts gave into the run's report, complete but for further analyses.
 * @param measured in the order of the facts
 * @throws EngineError NO_KNOWN_FACTS
 */
export async function summariseRun(
  model: OpenModel,
  task: Task,
  asked: AskedTask,
  measured: readonly MeasuredFact[],
  {
    started,
    related = [],
    signal,
    onDone = () => {},
  }: {
    started: Date;
    related?: readonly Task[];
    signal?: AbortSignal;
    onDone?: (parts: number) => void;
  },
): Promise<RunReport> {
  const { settings } = asked.context;
  const outcomes = measured.map((fact) => fact.outcomes);
  const inKnown = measured.flatMap(({ known }) => (known ? [known] : []));
  const known = asked.facts.filter((_, i) => measured[i]!.known !== null);
  if (known.length === 0) throw noKnownFacts(task, asked, outcomes);
  const step = async <Result>(done: number, result: Result | Promise<Result>): Promise<Result> => {
    const value = await result;
    onDone(done);
    throwIfCancelled(signal);
    return value;
  };
  const [onAll, onKnown] = [aggregationOf(asked, asked.facts), aggregationOf(asked, known)];
  const of = <Id extends keyof (typeof inKnown)[number]>(id: Id) => inKnown.map((own) => own[id]);
  const { logitLens, directLogitAttribution, subjectAttention, headPatching, decomposition, finalLayer } =
    ANALYSES;
  const parts = {
    outcomes: await ANALYSES.outcomes.aggregate(outcomes, onAll),
    lens: await logitLens.aggregate(of("logitLens"), onKnown),
    attribution: await directLogitAttribution.aggregate(of("directLogitAttribution"), onKnown),
    attention: await step(1, subjectAttention.aggregate(of("subjectAttention"), onKnown)),
    patching: await step(2, headPatching.aggregate(of("headPatching"), onKnown)),
    decomposition: await step(3, decomposition.aggregate(of("decomposition"), onKnown)),
    finalLayer: await step(4, finalLayer.aggregate(of("finalLayer"), onKnown)),
  };
  const { prepared } = asked;
  return assembleReport({ model, task, settings, prepared, outcomes, known, parts, started, related });
}

function noKnownFacts(
  task: Task,
  { prepared: { facts }, context: { settings } }: AskedTask,
  outcomes: readonly MeasuredFact["outcomes"][],
) {
  const closest = outcomes
    .flatMap((own, fact) => own.map(({ rank }) => ({ fact, rank })))
    .reduce((best, o) => (o.rank < best.rank ? o : best));
  const { subject, answer } = facts[closest.fact]!;
  return new EngineError(
    "NO_KNOWN_FACTS",
    `task ${task.id}: the model knows none of ${facts.length} facts under ${settings.knownFilter} (closest: ${subject} -> ${answer} at rank ${closest.rank}); try more shots (now ${settings.shots}), a wider known filter (TOP10, CANDIDATE_TOP1) or a larger model`,
  );
}
