"use client";
import { useQuery } from "urql";
import { plural } from "@/format/numbers.ts";
import { Panel } from "@/ui/page.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";
import { RecurringHeadsQuery } from "./queries.ts";

/** Heads that are movers in several runs of a model, with counts: in how many of how many. */
export function RecurringHeads({ model }: { model: string }) {
  const [{ data, error }, retry] = useQuery({
    query: RecurringHeadsQuery,
    variables: { model },
    requestPolicy: "cache-and-network",
  });
  if (error && !data)
    return <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (!data) return <Skeleton className="h-[280px]" />;
  const { runs, tasks, heads } = data.recurringHeads;
  return (
    <Panel className="px-5 pt-4 pb-5">
      <h2
        className="text-base"
        data-tip={
          "A head counts where it passed the test for a mover: q < 0.05, interval above 0, effect of at least 0.02"
        }
      >
        Recurring mover heads
      </h2>
      <p className="label">
        {runs === 0
          ? "no finished run with at least 8 known facts yet"
          : `in ${plural(runs, "run")} of ${plural(tasks, "task")} with at least 8 known facts`}
      </p>
      {runs > 0 && heads.length === 0 && <p className="mt-3 text-sm text-ink-2">None is a mover in any.</p>}
      <ol className="mt-3 grid gap-1.5">
        {heads.map((head) => (
          <li
            key={head.label}
            data-tip={`${head.label}\nmover in\t${head.runs} of ${plural(runs, "run")}\ntasks\t${head.tasks.join(", ")}`}
            className="grid grid-cols-[52px_minmax(0,1fr)_72px_minmax(0,120px)] items-center gap-3 text-sm"
          >
            <span className="font-medium">{head.label}</span>
            <span className="h-2 rounded-full bg-sunken">
              <span
                className="block h-full rounded-full bg-(--bar-positive)"
                style={{ width: `${(100 * head.runs) / runs}%` }}
              />
            </span>
            <span className="text-right whitespace-nowrap">
              {head.runs} of {runs}
            </span>
            <span className="label truncate">
              {head.tasks.length === 1 ? head.tasks[0] : plural(head.tasks.length, "task")}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
