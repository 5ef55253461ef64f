"use client";
import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { downloadCsv } from "@/charts/figure-export.ts";
import { RunsOf } from "@/features/runs/runs-of.tsx";
import { plural } from "@/format/numbers.ts";
import { useKept } from "@/state/use-kept.ts";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { DownloadIcon } from "@/ui/icons.tsx";
import { PageHeader, Panel, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { ClauseText } from "./clause-text.tsx";
import { TaskQuery } from "./queries.ts";

interface Fact {
  subject: string;
  answer: string;
}
const COLUMNS: Column<Fact>[] = [
  {
    id: "subject",
    header: "Subject",
    sort: (fact) => fact.subject,
    render: (fact) => <span className="font-medium text-subject">{fact.subject}</span>,
  },
  {
    id: "answer",
    header: "Answer",
    sort: (fact) => fact.answer,
    render: (fact) => <span className="text-answer">{fact.answer}</span>,
  },
];

export function TaskPage({ slug }: { slug: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [{ data, error, fetching }, retry] = useQuery({ query: TaskQuery, variables: { slug, after } });
  const task = useKept(data)?.task;
  useTitle(task?.title ?? slug);
  const facts = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return (task?.facts ?? []).filter((fact) =>
      `${fact.subject} ${fact.answer}`.toLowerCase().includes(wanted),
    );
  }, [task, text]);
  if (!task) {
    if (error) return <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
    if (data && !fetching) {
      return (
        <EmptyState
          title={`There is no task ${slug}`}
          action={<ButtonLink href="/tasks">All tasks</ButtonLink>}
        />
      );
    }
    return <Skeleton className="h-[480px]" />;
  }
  return (
    <>
      <PageHeader
        title={task.title}
        lead={`${task.domain}, version ${task.version}, ${task.licence}. ${task.source}`}
        actions={
          <ButtonLink look="primary" href={`/runs/new?task=${encodeURIComponent(task.slug)}`}>
            New run on this task
          </ButtonLink>
        }
      />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Panel className="px-5 pt-4 pb-5">
          <h2 className="mb-3 text-base">{plural(task.clauses.length, "clause")}</h2>
          <ul className="grid gap-2">
            {task.clauses.map((clause) => (
              <li key={clause.id} className="flex items-baseline justify-between gap-4">
                <ClauseText text={clause.text} />
                <code className="font-mono text-xs whitespace-nowrap text-ink-3">{clause.id}</code>
              </li>
            ))}
          </ul>
          <h3 className="mt-5 mb-1 text-sm">Worked example of a few-shot prompt</h3>
          <ClauseText text={task.shot} />
        </Panel>
        <div>
          <div className="mb-2 flex items-center justify-between gap-3">
            <label>
              <span className="sr-only">Filter the facts</span>
              <input
                className="control w-48"
                placeholder="Filter facts"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </label>
            <div className="flex items-center gap-3">
              <span className="label">
                {facts.length} of {task.factCount} facts
              </span>
              <Button
                onClick={() =>
                  downloadCsv(task.slug, {
                    columns: ["subject", "answer"],
                    rows: task.facts.map((fact) => [fact.subject, fact.answer]),
                  })
                }
              >
                <DownloadIcon size={14} /> CSV
              </Button>
            </div>
          </div>
          <DataTable
            label="Facts"
            columns={COLUMNS}
            rows={facts}
            rowKey={(fact) => `${fact.subject}/${fact.answer}`}
            maxHeight={420}
          />
        </div>
      </div>
      <RunsOf connection={task.runs} loading={fetching} onMore={setAfter} />
    </>
  );
}
