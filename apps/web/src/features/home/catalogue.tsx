"use client";
import { useQuery } from "urql";
import { modelLink } from "@/features/runs/links.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { plural } from "@/format/numbers.ts";
import { shortModelName } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { ArrowRightIcon } from "@/ui/icons.tsx";
import { Link } from "@/ui/link.tsx";
import { Section } from "@/ui/page.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";

const SHOWN = 8;

/** The models and the fields of knowledge at hand. */
export function Catalogue() {
  const [{ data, error }, retry] = useQuery({ query: ChoicesQuery });
  if (error && !data)
    return <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  const models = nodes(data?.models.edges);
  const tasks = nodes(data?.tasks.edges);
  const domains = [...new Set(tasks.map(({ domain }) => domain))].sort();
  return (
    <div className="grid gap-x-8 md:grid-cols-2">
      <Section
        title="Models"
        aside={data && <All href="/models" text={`All ${plural(data.models.totalCount, "model")}`} />}
      >
        {data ? (
          <List
            items={models.slice(0, SHOWN).map((model) => ({
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
      <Section
        title="Tasks"
        aside={data && <All href="/tasks" text={`All ${plural(data.tasks.totalCount, "task")}`} />}
      >
        {data ? (
          <List
            items={domains.slice(0, SHOWN).map((domain) => {
              const own = tasks.filter((task) => task.domain === domain);
              return {
                key: domain,
                href: `/tasks?q=${encodeURIComponent(domain)}`,
                name: domain.charAt(0).toUpperCase() + domain.slice(1),
                note: own.map(({ title }) => title).join(", "),
              };
            })}
          />
        ) : (
          <Skeleton className="h-[126px]" />
        )}
      </Section>
    </div>
  );
}

const All = ({ href, text }: { href: string; text: string }) => (
  <ButtonLink href={href} look="quiet">
    {text} <ArrowRightIcon size={14} />
  </ButtonLink>
);

function List({ items }: { items: { key: string; href: string; name: string; note: string }[] }) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {items.map(({ key, href, name, note }) => (
        <li key={key}>
          <Link href={href} className="flex items-baseline justify-between gap-6 py-2.5 hover:text-answer">
            <span className="font-medium whitespace-nowrap">{name}</span>
            <span className="truncate text-sm text-ink-2">{note}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
