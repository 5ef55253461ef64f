import { EngineError, type RunSettings } from "@recallscope/engine";
import type { Progress } from "../progress.ts";
import type { Connection } from "./connection.ts";
import { follow } from "./follow.ts";
import { type FollowOptions, type RemoteState, RUN_STATE } from "./run-on-server.ts";
import { askServer } from "./server.ts";

export interface StudyOfModel {
  name: string;
  model: string;
  /** Slugs. */
  tasks: readonly string[];
  settings: readonly RunSettings[];
}
export interface QueuedStudy {
  id: string;
  /** False for the study of the same grid that was there. */
  created: boolean;
  queued: number;
  found: number;
}
/** A run of the study; null when there is none any more. */
type CellRun = (RemoteState & { id: string }) | null;
interface Cell {
  task: { slug: string; title: string };
  settings: Pick<RunSettings, "shots">;
  run: CellRun;
}
export interface EndedCell {
  task: string;
  shots: number;
  run: CellRun;
}

/** Asks a server for a study, and leaves it there; cells of one that was there whose runs came to nothing get new ones. */
export async function queueStudy(
  connection: Connection,
  { model, ...grid }: StudyOfModel,
): Promise<QueuedStudy> {
  const ask = async (mutation: string, input: object): Promise<QueuedStudy> => {
    const { made } = await askServer<{ made: Omit<QueuedStudy, "id"> & { study: { id: string } } }>(
      connection,
      mutation,
      { input },
    );
    const { study, ...counts } = made;
    return { id: study.id, ...counts };
  };
  const study = await ask(CREATE, { ...grid, models: [model] });
  if (study.created) return study;
  const again = await ask(RETRY, { id: study.id });
  return { ...again, queued: study.queued + again.queued, found: study.found + again.found };
}

/**
 * Follows a study until all of its runs have ended.
 * @throws EngineError CANCELLED after `signal`: the study goes on without being followed
 */
export async function followStudy(
  connection: Connection,
  { id, name }: { id: string; name: string },
  { signal, onProgress }: FollowOptions,
): Promise<EndedCell[]> {
  const ask = async (): Promise<Cell[]> => {
    const { study } = await askServer<{ study: { cells: { edges: { node: Cell }[] } } | null }>(
      connection,
      STATE,
      { id },
    );
    if (study === null)
      throw new EngineError("ENGINE_FAILED", `study ${name} was deleted on ${connection.url}; its runs stay`);
    return study.cells.edges.map(({ node }) => node);
  };
  const see = (cells: Cell[] | null): Cell[] | undefined => {
    if (signal.aborted)
      throw new EngineError(
        "CANCELLED",
        `study ${name}: goes on at ${connection.url} (the same command follows it again)`,
      );
    if (cells === null) return undefined;
    onProgress(progressOf(cells));
    return cells.every(({ run }) => hasEnded(run)) ? cells : undefined;
  };
  const cells = await follow(connection, ask, see, signal);
  return cells.map(({ task, settings, run }) => ({ task: task.slug, shots: settings.shots, run }));
}

const hasEnded = (run: CellRun): boolean => run === null || !["QUEUED", "RUNNING"].includes(run.status);

/** How far all runs together are, and what is done with the one that is farthest. */
function progressOf(cells: readonly Cell[]): Progress {
  const shares = cells.map(({ run }) => (hasEnded(run) ? 1 : (run?.progress?.fraction ?? 0)));
  const fraction = shares.reduce((sum, share) => sum + share, 0) / cells.length;
  const running = cells
    .filter(({ run }) => run?.status === "RUNNING" && run.progress !== null)
    .sort((a, b) => b.run!.progress!.fraction - a.run!.progress!.fraction)[0];
  const ended = `${cells.filter(({ run }) => hasEnded(run)).length} of ${cells.length} runs ended`;
  if (!running) return { step: "ended", fraction, message: ended };
  const { step, message } = running.run!.progress!;
  return { step, fraction, message: `${running.task.title}: ${message}; ${ended}` };
}

const PAYLOAD = "created queued found study { id }";
const CREATE = `mutation ($input: CreateStudyInput!) { made: createStudy(input: $input) { ${PAYLOAD} } }`;
const RETRY = `mutation ($input: RetryStudyInput!) { made: retryStudy(input: $input) { ${PAYLOAD} } }`;
const STATE = `query ($id: ID!) { study(id: $id) { cells(first: 500) { edges { node { task { slug title } settings { shots } run { id ${RUN_STATE} } } } } } }`;
