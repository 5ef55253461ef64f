"use client";
import { useCallback } from "react";
import { useMutation, useQuery } from "urql";
import { CancelRun, type Shard } from "@/features/runs/queries.ts";
import { formatNumber, plural } from "@/format/numbers.ts";
import { formatDuration, secondsBetween } from "@/format/time.ts";
import { useClock } from "@/state/use-clock.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { CheckIcon } from "@/ui/icons.tsx";
import { Panel } from "@/ui/page.tsx";
import { ProgressBar, percent } from "@/ui/run-status.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { type RunHeaderData, RunShardsQuery } from "./queries.ts";
import { SoFar } from "./so-far.tsx";

/** Below this share of the run its rate says little about the rest. */
const ENOUGH_FOR_REST = 0.05;
/** Workers come and go without an event: how often a queued run asks what it waits for. */
const LOOK_MS = 5_000;

/** A run that is queued or running: how far, how fast, and which of its parts are finished. */
export function LiveProgress({ run }: { run: RunHeaderData }) {
  const [{ fetching, error }, cancel] = useMutation(CancelRun);
  const [{ data }, reload] = useQuery({ query: RunShardsQuery, variables: { id: run.id } });
  const { progress } = run;
  const queued = run.status === "QUEUED";
  useClock(
    LOOK_MS,
    useCallback(() => queued && reload({ requestPolicy: "network-only" }), [queued, reload]),
  );
  const shards = data?.run?.shards ?? [];
  const parts = partsOf(shards, run.settings.analyses);
  const measured = shards.filter(({ kind, status }) => kind === "FACTS" && status === "DONE").length;
  const elapsed = run.startedAt ? secondsBetween(run.startedAt, null) : 0;
  const rest =
    progress && progress.fraction > ENOUGH_FOR_REST
      ? (elapsed * (1 - progress.fraction)) / progress.fraction
      : null;
  const titles = new Map(data?.furtherAnalyses.map(({ id, title }) => [id, title]));
  return (
    <>
      <Panel className="p-8">
        {error && (
          <div className="mb-4">
            <ErrorState error={error} />
          </div>
        )}
        <div className="flex items-end justify-between gap-6">
          <div>
            <p className="text-3xl font-semibold tracking-tight" aria-live="off">
              {progress ? percent(progress.fraction) : "Queued"}
            </p>
            <p className="mt-1 text-ink-2" role="status">
              {queued && data?.run?.waitsFor
                ? `Waiting: ${data.run.waitsFor}.`
                : progress
                  ? progress.stepTitle
                  : "Waiting for the runs before it. It starts by itself."}
            </p>
          </div>
          <Button disabled={fetching} onClick={() => void cancel({ id: run.id })}>
            {fetching ? "Cancelling" : "Cancel run"}
          </Button>
        </div>
        <div className="mt-5">
          <ProgressBar fraction={progress?.fraction ?? 0} label="Progress of the run" />
        </div>
        <div className="mt-2 flex min-h-4 flex-wrap justify-between gap-x-6 text-xs text-ink-3">
          <span>{progress ? `${progress.message}` : ""}</span>
          <span>
            {run.startedAt && `${formatDuration(elapsed)} so far`}
            {rest === null ? "" : `, about ${formatDuration(rest)} left`}
          </span>
        </div>
        {progress && (
          <ol aria-label="Parts of the run" className="mt-7 grid gap-x-8 md:grid-cols-2">
            {parts.map((part) => (
              <PartRow key={part.id} part={part} title={titles.get(part.id)} />
            ))}
          </ol>
        )}
        {progress && (
          <p className="mt-5 text-xs text-ink-3">
            Results appear when all parts are done: intervals and tests are over all facts.
          </p>
        )}
      </Panel>
      <SoFar run={run.id} finished={measured} />
    </>
  );
}

interface Part {
  id: string;
  title: string;
  state: "done" | "running" | "waiting";
  /** Share that is done, 0 to 1. */
  fraction: number;
  note: string;
}

/** The run's parts in order, with further analyses that have no shard yet. */
function partsOf(shards: readonly Shard[], analyses: readonly string[]): Part[] {
  const of = (kind: Shard["kind"]) => shards.filter((shard) => shard.kind === kind);
  const further = of("FURTHER");
  return [
    partOf("plan", "Open the model and check it", of("PLAN")),
    { ...partOf("facts", "Measure the facts", of("FACTS")), note: factsNote(of("FACTS")) },
    partOf("summary", "Decomposition, intervals, final layer", of("SUMMARY")),
    ...analyses.map((id) =>
      partOf(
        id,
        id,
        further.filter(({ analysis }) => analysis === id),
      ),
    ),
    partOf("report", "Put together and store", of("REPORT")),
  ];
}

function partOf(id: string, title: string, shards: readonly Shard[]): Part {
  const done = shards.filter(({ status }) => status === "DONE");
  const fraction =
    shards.length === 0 ? 0 : shards.reduce((sum, shard) => sum + shard.fraction, 0) / shards.length;
  const seconds = done.reduce((sum, shard) => sum + (shard.seconds ?? 0), 0);
  const workers = [
    ...new Set(shards.flatMap(({ status, worker }) => (status === "CLAIMED" && worker) || [])),
  ];
  const finished = shards.length > 0 && done.length === shards.length;
  const begun = shards.some(({ status }) => status !== "WAITING");
  return {
    id,
    title,
    state: finished ? "done" : begun ? "running" : "waiting",
    fraction,
    note: finished ? formatDuration(seconds) : workers.join(", "),
  };
}

/** Facts and their rate over all workers, from the shards that are finished. */
function factsNote(shards: readonly Shard[]): string {
  if (shards.length === 0) return "";
  const size = ({ factsFrom, factsTo }: Shard) => (factsTo ?? 0) - (factsFrom ?? 0);
  const total = shards.reduce((sum, shard) => sum + size(shard), 0);
  const measured = shards.reduce((sum, shard) => sum + size(shard) * shard.fraction, 0);
  const done = shards.filter(({ status }) => status === "DONE");
  const seconds = done.reduce((sum, shard) => sum + (shard.seconds ?? 0), 0);
  const rate = seconds > 0 ? done.reduce((sum, shard) => sum + size(shard), 0) / seconds : null;
  return `${Math.floor(measured)} of ${plural(total, "fact")}${rate === null ? "" : `, ${formatNumber(rate)} a second and worker`}`;
}

function PartRow({ part, title }: { part: Part; title: string | undefined }) {
  const { state, fraction, note } = part;
  const words = { done: "done", running: percent(fraction), waiting: "waiting" };
  return (
    <li
      data-state={state}
      className={cx(
        "grid grid-cols-[16px_minmax(0,1fr)_auto_72px] items-center gap-2 border-t border-line py-1.5 text-sm",
        state === "waiting" ? "text-ink-3" : state === "running" ? "font-medium" : "text-ink-2",
      )}
    >
      {state === "done" ? (
        <CheckIcon size={13} className="text-good" />
      ) : (
        <span
          aria-hidden="true"
          className={cx(
            "size-1.5 justify-self-center rounded-full",
            state === "running" ? "bg-answer" : "bg-line-strong",
          )}
        />
      )}
      <span className="truncate">{title ?? part.title}</span>
      <span className="text-xs font-normal text-ink-3">{note}</span>
      <span className="text-right text-xs font-normal">{words[state]}</span>
    </li>
  );
}
