"use client";
import { compareLink, MOST_COMPARED, modelLink, runLink, taskLink } from "@/features/runs/links.ts";
import { estimateTip, formatEstimate, NOT_OBSERVED } from "@/format/estimates.ts";
import { formatValue, isSigned } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import type { RunRowData, RunStatus } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { cx } from "@/ui/class-names.ts";
import { CompareIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { percent, statusLabel } from "@/ui/run-status.tsx";
import type { CellNumber } from "./cell-numbers.ts";
import type { Study } from "./queries.ts";

const MARKS: Record<RunStatus | "MISSING", { sign: string; tone: string; label: string }> = {
  SUCCEEDED: { sign: "✓", tone: "text-good", label: statusLabel("SUCCEEDED") },
  RUNNING: { sign: "▸", tone: "text-answer", label: statusLabel("RUNNING") },
  QUEUED: { sign: "○", tone: "text-ink-3", label: statusLabel("QUEUED") },
  FAILED: { sign: "✕", tone: "text-bad", label: statusLabel("FAILED") },
  CANCELLED: { sign: "–", tone: "text-warn", label: statusLabel("CANCELLED") },
  MISSING: { sign: "·", tone: "text-ink-3", label: "Missing" },
};

/** Models down, tasks across; each cell links to its run and shows one number of it. */
export function StudyGrid(props: { study: Study; settingsIndex: number; number: CellNumber }) {
  const { study, settingsIndex, number } = props;
  const runs = new Map(
    nodes(study.cells.edges)
      .filter((cell) => cell.settingsIndex === settingsIndex)
      .map(({ modelIndex, taskIndex, run }) => [`${modelIndex}/${taskIndex}`, run]),
  );
  const at = (model: number, task: number) => runs.get(`${model}/${task}`) ?? null;
  const ofModel = (model: number) => study.tasks.map((_, task) => at(model, task));
  const ofTask = (task: number) => study.models.map((_, model) => at(model, task));
  return (
    <div className="max-h-[70vh] w-fit max-w-full overflow-auto rounded-lg border border-line bg-surface">
      <table
        aria-label={`Runs of ${study.name}`}
        className="border-separate border-spacing-0 text-sm [&_td]:border-t [&_td]:border-line/70"
      >
        <thead>
          <tr>
            <th scope="col" className="sticky top-0 left-0 z-20 bg-surface px-4 text-left text-xs text-ink-3">
              Model
            </th>
            {study.tasks.map((task, index) => (
              <th
                key={task.id}
                scope="col"
                className="sticky top-0 z-10 min-w-26 bg-surface px-2 py-2 text-center align-bottom text-xs font-medium"
              >
                <Link
                  href={taskLink(task.slug)}
                  className="link inline-flex min-h-[24px] max-w-32 items-center text-balance"
                >
                  {task.title}
                </Link>
                <CompareAll runs={ofTask(index)} label={`Compare the models on ${task.title}`} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {study.models.map((model, modelIndex) => (
            <tr key={model.id}>
              <th
                scope="row"
                className="sticky left-0 z-10 border-t border-line/70 bg-surface py-1.5 pr-3 pl-4 text-left font-medium"
              >
                <span className="flex items-center justify-between gap-3 whitespace-nowrap">
                  <Link
                    href={modelLink(model.name)}
                    className="link max-w-52 truncate leading-[24px]"
                    data-tip={model.name}
                  >
                    {shortModelName(model.name)}
                  </Link>
                  <CompareAll
                    runs={ofModel(modelIndex)}
                    label={`Compare the tasks on ${shortModelName(model.name)}`}
                  />
                </span>
              </th>
              {study.tasks.map((task, taskIndex) => (
                <td key={task.id} className="p-0.5">
                  <Cell
                    run={at(modelIndex, taskIndex)}
                    number={number}
                    name={`${task.title}, ${shortModelName(model.name)}`}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const CELL = "flex h-11 min-w-24 flex-col items-center justify-center rounded px-2 text-center";

function Cell({ run, number, name }: { run: RunRowData | null; number: CellNumber; name: string }) {
  const mark = MARKS[run?.status ?? "MISSING"];
  if (!run) {
    return (
      <span className={cx(CELL, mark.tone)} data-tip={`${name}\nno run: deleted, or could not be asked for`}>
        <span aria-hidden="true">{mark.sign}</span>
        <span className="sr-only">{mark.label}</span>
      </span>
    );
  }
  const shown = run.summary ? show(run.summary, number) : null;
  const tip =
    shown?.tip ??
    (run.error
      ? `${run.error.code}\n${run.error.message}`
      : `${mark.label}\n${run.progress?.stepTitle ?? ""}`);
  return (
    <Link
      href={runLink(run)}
      aria-label={`${name}: ${mark.label}${shown ? `, ${number.label} ${shown.text}` : ""}`}
      data-tip={tip.replace(/^[^\n]*/, (first) => `${name}: ${first}`)}
      className={cx(CELL, "outline-offset-[-2px] hover:ring-1 hover:ring-line-strong hover:ring-inset")}
      style={shown?.share == null ? undefined : { background: tint(shown.share) }}
    >
      {shown ? (
        <>
          <span className={shown.observed ? "" : "text-xs text-ink-3 italic"}>{shown.text}</span>
          {shown.name && <span className="text-2xs leading-3 text-ink-2">{shown.name}</span>}
        </>
      ) : (
        <span className={cx("inline-flex items-center gap-1 text-xs whitespace-nowrap", mark.tone)}>
          <span aria-hidden="true">{mark.sign}</span>
          {run.status === "RUNNING" && run.progress ? percent(run.progress.fraction) : mark.label}
        </span>
      )}
    </Link>
  );
}

/** The number of a finished run; `share` is what it is of the largest there can be, where there is such, with its sign. */
function show(summary: NonNullable<RunRowData["summary"]>, number: CellNumber) {
  const { label, unit } = number;
  const estimate = number.estimate?.(summary) ?? null;
  const value = estimate ? estimate.value : (number.plain?.(summary) ?? null);
  const text = estimate
    ? formatEstimate(estimate, unit, isSigned(unit))
    : value === null
      ? NOT_OBSERVED
      : formatValue(value, unit);
  return {
    text,
    observed: value !== null,
    name: number.name?.(summary) ?? null,
    tip: estimate
      ? estimateTip(label, estimate, unit)
      : `${label}\nvalue\t${text}\n95 % interval\tnot defined`,
    share: value === null || unit === "nats" ? null : Math.max(-1, Math.min(1, value)),
  };
}

const tint = (share: number): string =>
  `color-mix(in oklab, var(${share < 0 ? "--bar-negative" : "--bar-positive"}) ${Math.round(30 * Math.abs(share))}%, var(--surface))`;

function CompareAll({ runs, label }: { runs: (RunRowData | null)[]; label: string }) {
  const finished = runs.flatMap((run) => (run?.status === "SUCCEEDED" ? [run.id] : []));
  if (finished.length < 2 || finished.length > MOST_COMPARED)
    return <span className="inline-block size-[24px]" />;
  return (
    <Link
      href={compareLink(finished)}
      aria-label={label}
      data-tip={label}
      className="inline-flex size-[24px] shrink-0 items-center justify-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
    >
      <CompareIcon size={13} />
    </Link>
  );
}
