"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { RunsOf } from "@/features/runs/runs-of.tsx";
import { plural } from "@/format/numbers.ts";
import { formatAgo } from "@/format/time.ts";
import { useKept } from "@/state/use-kept.ts";
import { Badge } from "@/ui/badge.tsx";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { ConfirmDelete } from "@/ui/confirm-delete.tsx";
import { Hash } from "@/ui/hash.tsx";
import { PageHeader, Panel, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { ClauseText } from "./clause-text.tsx";
import { FactsSection } from "./facts-section.tsx";
import { DeleteTask, type TaskData, TaskQuery } from "./queries.ts";
import { TaskAccuracy } from "./task-accuracy.tsx";

export function TaskPage({ slug }: { slug: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: TaskQuery, variables: { slug, after } });
  const task = useKept(data)?.task;
  useTitle(task?.title ?? slug);
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
        title={
          <span className="flex items-center gap-3">
            {task.title}
            {task.origin === "USER" && <Badge tip="imported here">own</Badge>}
          </span>
        }
        lead={
          <>
            {plural(task.factCount, "fact")} of <span className="font-medium">{task.relation}</span> in{" "}
            {plural(task.clauses.length, "frame")}; {task.domain}
          </>
        }
        actions={
          <>
            {task.origin === "USER" && <OwnTaskActions task={task} />}
            <ButtonLink look="primary" href={`/runs/new?task=${encodeURIComponent(task.slug)}`}>
              New run on this task
            </ButtonLink>
          </>
        }
      />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Panel className="px-5 pt-4 pb-5">
          <h2 className="mb-3 text-base">Frames</h2>
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
        <Panel className="px-5 pt-4 pb-5">
          <h2 className="mb-3 text-base">Source</h2>
          <p className="text-sm">{task.source}</p>
          <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-sm">
            {[
              ["Licence", task.licence],
              ["Version", task.version],
              [
                "Name",
                <code key="slug" className="font-mono text-xs">
                  {task.slug}
                </code>,
              ],
              ["Hash", <Hash key="hash" value={task.hash} />],
              [
                "Brought by",
                task.origin === "BUNDLED"
                  ? "this copy of the program"
                  : `${task.createdBy ?? "this machine's user"}, ${formatAgo(task.createdAt)}`,
              ],
            ].map(([label, value]) => (
              <div key={String(label)} className="contents">
                <dt className="text-ink-2">{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      </div>
      <TaskAccuracy task={task} />
      <FactsSection task={task} />
      <RunsOf connection={task.runs} loading={fetching} onMore={setAfter} />
    </>
  );
}

/** What its owner can do with a task. */
function OwnTaskActions({ task }: { task: TaskData }) {
  const router = useRouter();
  const [deleting, setDeleting] = useState(false);
  const [{ fetching, error }, deleteTask] = useMutation(DeleteTask);
  const remove = async () => {
    const result = await deleteTask({ slug: task.slug });
    if (result.data) router.push("/tasks");
  };
  return (
    <>
      <ButtonLink href={`/import-task?edit=${encodeURIComponent(task.slug)}`}>Edit</ButtonLink>
      <Button onClick={() => setDeleting(true)}>Delete</Button>
      {deleting && (
        <ConfirmDelete
          title={`Delete the task ${task.title}?`}
          description="It leaves the list of tasks. Versions that runs or studies ask stay with these."
          error={error}
          busy={fetching}
          onDelete={() => void remove()}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}
