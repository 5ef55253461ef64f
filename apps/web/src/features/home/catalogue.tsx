"use client";
import Link from "next/link";
import { useQuery } from "urql";
import { modelLink, taskLink } from "@/features/runs/links.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { plural } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { Section } from "@/ui/page.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";

/** The models and tasks at hand. */
export function Catalogue() {
  const [{ data, error }, retry] = useQuery({ query: ChoicesQuery });
  if (error && !data)
    return <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  const models = nodes(data?.models.edges);
  const tasks = nodes(data?.tasks.edges);
  return (
    <div className="grid gap-x-8 md:grid-cols-2">
      <Section title="Models">
        {data ? (
          <List
            items={models.map((model) => ({
              key: model.id,
              href: modelLink(model.name),
              name: shortModelName(model.name),
              note: model.error
                ? "cannot be opened"
                : model.summary
                  ? `${model.summary.layers} layers × ${model.summary.heads} heads`
                  : "not opened yet",
            }))}
          />
        ) : (
          <Skeleton className="h-[126px]" />
        )}
      </Section>
      <Section title="Tasks">
        {data ? (
          <List
            items={tasks.map((task) => ({
              key: task.id,
              href: taskLink(task.slug),
              name: task.title,
              note: plural(task.factCount, "fact"),
            }))}
          />
        ) : (
          <Skeleton className="h-[126px]" />
        )}
      </Section>
    </div>
  );
}

function List({ items }: { items: { key: string; href: string; name: string; note: string }[] }) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {items.map(({ key, href, name, note }) => (
        <li key={key}>
          <Link href={href} className="flex items-baseline justify-between gap-4 py-2.5 hover:text-answer">
            <span className="truncate font-medium">{name}</span>
            <span className="text-sm whitespace-nowrap text-ink-2">{note}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
