"use client";
import { useQuery } from "urql";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { FigureReceipts } from "@/charts/figure-receipts.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { receiptsOf } from "@/features/run/receipt.ts";
import { modelLink, runLink } from "@/features/runs/links.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { SelectionProvider } from "@/state/selection.tsx";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { Link } from "@/ui/link.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { Section } from "@/ui/page.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";
import { type TaskData, TaskResultsQuery, type TaskRun } from "./queries.ts";

/** Its bars are runs, not heads. */
const NO_HEAD = { head: "" };
const NOTHING_TO_SELECT = () => undefined;
type Measured = TaskRun & { summary: NonNullable<TaskRun["summary"]> };
const labelOf = ({ model, settings }: TaskRun) =>
  `${shortModelName(model.name)}, ${shotsLabel(settings.shots)}`;

const COLUMNS: Column<Measured>[] = [
  {
    id: "model",
    header: "Model",
    sort: ({ model }) => shortModelName(model.name),
    render: ({ model }) => (
      <Link href={modelLink(model.name)} className="link whitespace-nowrap" data-tip={model.name}>
        {shortModelName(model.name)}
      </Link>
    ),
  },
  {
    id: "shots",
    header: "Shots",
    numeric: true,
    sort: ({ settings }) => settings.shots,
    render: ({ settings }) => settings.shots,
  },
  ...(
    [
      ["top1", "Top-1", "Share of prompts whose answer is the model's first choice"],
      ["candidateTop1", "Of answers", "Share of prompts whose answer comes first among the task's answers"],
      ["probability", "p(answer)", "Mean probability of the answer's first token"],
    ] as const
  ).map(
    ([id, header, help]): Column<Measured> => ({
      id,
      header,
      help,
      numeric: true,
      sort: ({ summary }) => summary[id].value,
      render: ({ summary }) => (
        <EstimateValue estimate={summary[id]} unit="probability" label={header} interval="below" />
      ),
    }),
  ),
  {
    id: "n",
    header: "n",
    help: "Facts behind these numbers",
    numeric: true,
    sort: ({ summary }) => summary.top1.n,
    render: ({ summary }) => summary.top1.n,
  },
  {
    id: "run",
    header: "Run",
    render: (run) => (
      <Link href={runLink(run)} className="link font-mono text-xs">
        {run.key.slice(0, 8)}
      </Link>
    ),
  },
];

/** How many of a task's prompts each model answers: of each model and number of shots the newest finished run. */
export function TaskAccuracy({ task }: { task: TaskData }) {
  const [{ data, error }, retry] = useQuery({
    query: TaskResultsQuery,
    variables: { task: task.slug },
    requestPolicy: "cache-and-network",
  });
  const runs = (data?.taskResults.runs ?? []).filter((run): run is Measured => run.summary !== null);
  return (
    <Section title="Accuracy by model">
      {error && !data ? (
        <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : !data ? (
        <Skeleton className="h-[220px]" />
      ) : runs.length === 0 ? (
        <p className="text-sm text-ink-2">No run of this version has finished yet.</p>
      ) : (
        <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
          <FigureReceipts receipts={runs.flatMap(receiptsOf)}>
            <Figure
              about={EXPLANATIONS.accuracy}
              name={`${task.slug}-accuracy`}
              query={`{ taskResults(task: ${JSON.stringify(task.slug)}) { runs { key model { name } settings { shots } summary { top1 { value low high n } } } } }`}
              table={() => ({
                columns: ["model", "shots", "top1", "low", "high", "n"],
                rows: runs.map(({ model, settings, summary }) => [
                  model.name,
                  settings.shots,
                  ...estimateColumns(summary.top1),
                ]),
              })}
            >
              <SelectionProvider values={NO_HEAD} set={NOTHING_TO_SELECT}>
                <EstimateBars
                  label="Top-1 accuracy by model"
                  unit="probability"
                  labelWidth={170}
                  bars={runs.map((run) => ({ label: labelOf(run), estimate: run.summary.top1 }))}
                />
              </SelectionProvider>
            </Figure>
          </FigureReceipts>
          <DataTable label="Accuracy by model" columns={COLUMNS} rows={runs} rowKey={({ id }) => id} />
        </div>
      )}
    </Section>
  );
}
