"use client";
import { useState } from "react";
import { useQuery } from "urql";
import { taskLink } from "@/features/runs/links.ts";
import { formatInteger, plural } from "@/format/numbers.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useUrlState } from "@/state/url-state.ts";
import { Badge } from "@/ui/badge.tsx";
import { Button, ButtonLink } from "@/ui/button.tsx";
import { PlusIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { PageHeader, useTitle } from "@/ui/page.tsx";
import { SearchField } from "@/ui/search-field.tsx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states.tsx";
import { ClauseText } from "./clause-text.tsx";
import { type TaskRow, TasksQuery } from "./queries.ts";

const DEFAULTS = { q: "" } as const;

export function TasksPage() {
  useTitle("Tasks");
  const { values, set } = useUrlState(DEFAULTS);
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({
    query: TasksQuery,
    variables: { after },
    requestPolicy: "cache-and-network",
  });
  const all = nodes(data?.tasks.edges);
  const wanted = values.q.trim().toLowerCase();
  const shown = all.filter(({ slug, title, relation, domain }) =>
    `${slug} ${title} ${relation} ${domain}`.toLowerCase().includes(wanted),
  );
  const domains = [...new Set(shown.map(({ domain }) => domain))].sort();
  return (
    <>
      <PageHeader
        title="Tasks"
        lead="A task is one relation: facts, and the frames that ask for them."
        actions={
          <ButtonLink href="/import-task">
            <PlusIcon size={14} /> Add a task
          </ButtonLink>
        }
      />
      <search className="mb-4 flex items-center gap-4">
        <SearchField
          placeholder="Title, relation or domain"
          value={values.q}
          onChange={(q) => set({ q }, "replace")}
        />
        {data && (
          <p className="label" aria-live="polite">
            {formatInteger(shown.length)} of {plural(data.tasks.totalCount, "task")} in{" "}
            {plural(domains.length, "domain")}
          </p>
        )}
      </search>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : !data ? (
        <Skeleton className="h-[720px]" />
      ) : shown.length === 0 ? (
        <EmptyState
          title={wanted ? "No task matches" : "There are no tasks"}
          action={
            wanted ? (
              <Button onClick={() => set({ q: "" })}>Clear the search</Button>
            ) : (
              <ButtonLink href="/import-task" look="primary">
                Add a task
              </ButtonLink>
            )
          }
        />
      ) : (
        <div className="rounded-lg border border-line bg-surface">
          {domains.map((domain) => (
            <Domain key={domain} name={domain} tasks={shown.filter((task) => task.domain === domain)} />
          ))}
        </div>
      )}
      {data?.tasks.pageInfo.hasNextPage && (
        <Button
          className="mt-3"
          disabled={fetching}
          onClick={() => setAfter(data.tasks.pageInfo.endCursor ?? null)}
        >
          Load more
        </Button>
      )}
    </>
  );
}

function Domain({ name, tasks }: { name: string; tasks: TaskRow[] }) {
  return (
    <section className="grid border-line not-first:border-t md:grid-cols-[150px_minmax(0,1fr)]">
      <h2 className="px-5 pt-3 text-sm text-ink-2 first-letter:uppercase">{name}</h2>
      <ul className="divide-y divide-line/70">
        {tasks.map((task) => (
          <li
            key={task.id}
            className="relative grid grid-cols-[minmax(0,220px)_minmax(0,1fr)_auto_auto] items-baseline gap-x-5 py-2.5 pr-5 pl-5 hover:bg-sunken/60 md:pl-0"
          >
            <span className="flex items-baseline gap-2">
              <Link href={taskLink(task.slug)} className="truncate font-medium after:absolute after:inset-0">
                {task.title}
              </Link>
              {task.origin === "USER" && <Badge tip="imported here">own</Badge>}
            </span>
            <span className="truncate text-sm text-ink-2">
              {task.clauses[0] && <ClauseText text={task.clauses[0].text} />}
            </span>
            <span className="label w-32 text-right whitespace-nowrap">
              {plural(task.factCount, "fact")}, {plural(task.clauses.length, "frame")}
            </span>
            <span className="label w-16 text-right whitespace-nowrap">
              {plural(task.runs.totalCount, "run")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
