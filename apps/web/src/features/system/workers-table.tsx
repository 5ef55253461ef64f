import { runLink } from "@/features/runs/links.ts";
import { formatBytes } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import { formatAgo, formatDateTime, formatDuration } from "@/format/time.ts";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Link } from "@/ui/link.tsx";
import { percent } from "@/ui/run-status.tsx";
import type { Worker } from "./queries.ts";

/** A worker says every few seconds that it is there; beyond this it may be gone. */
const QUIET_SECONDS = 12;

export function WorkersTable({ workers, now }: { workers: readonly Worker[]; now: number }) {
  return <DataTable label="Workers" columns={columnsAt(now)} rows={workers} rowKey={({ name }) => name} />;
}

const columnsAt = (now: number): Column<Worker>[] => [
  {
    id: "name",
    header: "Worker",
    sort: ({ name }) => name,
    render: ({ name }) => <span className="font-medium">{name}</span>,
  },
  {
    id: "device",
    header: "Device",
    sort: ({ device }) => device,
    render: ({ device }) => device.toUpperCase(),
  },
  {
    id: "memory",
    header: "Memory",
    help: "What a run may take on it",
    numeric: true,
    sort: ({ memory }) => memory,
    render: ({ memory }) => (memory === null ? <span className="text-ink-3">any</span> : formatBytes(memory)),
  },
  {
    id: "seen",
    header: "Heartbeat",
    help: "How long ago it last said that it is there",
    numeric: true,
    sort: ({ seenAt }) => Date.parse(seenAt),
    render: ({ seenAt }) => {
      const age = Math.max(0, (now - Date.parse(seenAt)) / 1000);
      return (
        <span className={age > QUIET_SECONDS ? "text-warn" : ""} data-tip={formatDateTime(seenAt)}>
          {formatDuration(age)} ago
        </span>
      );
    },
  },
  {
    id: "work",
    header: "Works on",
    className: "w-[36%]",
    render: ({ run }) =>
      run ? (
        <span className="flex items-baseline justify-between gap-3">
          <Link href={runLink(run)} className="link truncate">
            {run.task.title}, {shortModelName(run.model.name)}
          </Link>
          {run.progress && (
            <span className="label whitespace-nowrap">
              {run.progress.stepTitle} · {percent(run.progress.fraction)}
            </span>
          )}
        </span>
      ) : (
        <span className="text-ink-3">nothing</span>
      ),
  },
  {
    id: "started",
    header: "Up since",
    sort: ({ startedAt }) => Date.parse(startedAt),
    render: ({ startedAt }) => (
      <span className="whitespace-nowrap text-ink-2" data-tip={formatDateTime(startedAt)}>
        {formatAgo(startedAt, now)}
      </span>
    ),
  },
  {
    id: "version",
    header: "Engine",
    sort: ({ version }) => version,
    render: ({ version }) => <code className="font-mono text-xs">{version}</code>,
  },
];
