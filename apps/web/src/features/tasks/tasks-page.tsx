"use client";
import Link from "next/link";
import { useQuery } from "urql";
import { taskLink } from "@/features/runs/links.ts";
import { plural } from "@/format/numbers.ts";
import { nodes } from "@/graphql/nodes.ts";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { ClauseText } from "./clause-text.tsx";
import { TasksQuery } from "./queries.ts";

export function TasksPage() {
  useTitle("Tasks");
  const [{ data, error }, retry] = useQuery({ query: TasksQuery, requestPolicy: "cache-and-network" });
  const tasks = nodes(data?.tasks.edges);
  return (
    <>
      <PageHeader title="Tasks" lead="A task is one relation: facts, and the frames that ask for them." />
      {error && !data ? (
        <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : data && tasks.length === 0 ? (
        <EmptyState title="There are no tasks" />
      ) : (
        <>
          <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
            {data
              ? tasks.map((task) => (
                  <article
                    key={task.id}
                    className="relative rounded-lg border border-line bg-surface p-5 transition-colors hover:border-ink-3"
                  >
                    <h2 className="text-base">
                      <Link
                        href={taskLink(task.slug)}
                        className="after:absolute after:inset-0 after:rounded-lg"
                      >
                        {task.title}
                      </Link>
                    </h2>
                    <p className="text-sm text-ink-2">
                      {plural(task.factCount, "fact")}, {plural(task.clauses.length, "clause")},{" "}
                      {plural(task.runs.totalCount, "run")}
                    </p>
                    <ul className="mt-4 grid gap-1 text-sm">
                      {task.clauses.map((clause) => (
                        <li key={clause.id}>
                          <ClauseText text={clause.text} />
                        </li>
                      ))}
                    </ul>
                    <p className="label mt-4">
                      {task.domain}, version {task.version}, {task.licence}
                    </p>
                  </article>
                ))
              : ["a", "b", "c"].map((key) => <Skeleton key={key} className="h-[204px]" />)}
          </div>
          {data && (
            <p className="label mt-3">
              {tasks.length} of {data.tasks.totalCount}
            </p>
          )}
        </>
      )}
    </>
  );
}
