"use client";
import { useQuery } from "urql";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { FigureReceipts } from "@/charts/figure-receipts.tsx";
import { savedLink } from "@/features/compare/saved/saved-view.ts";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { type ReceiptedRun, receiptsOf } from "@/features/run/receipt.ts";
import { runLink } from "@/features/runs/links.ts";
import { formatInteger } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { formatAgo } from "@/format/time.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { nodes } from "@/graphql/nodes.ts";
import { SelectionProvider } from "@/state/selection.tsx";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { ButtonLink } from "@/ui/button.tsx";
import { ArrowRightIcon } from "@/ui/icons.tsx";
import { Section } from "@/ui/page.tsx";
import { Skeleton } from "@/ui/states.tsx";
import { NewestComparisonQuery, StrongestHeadsQuery } from "./queries.ts";

/** What was compared last, or else the newest run's strongest heads: a figure with intervals, and the way to all of it. */
export function NewestFigure(props: { newest: RunRowData | undefined }) {
  return (
    <SelectionProvider values={NO_HEAD} set={NOTHING_TO_SELECT}>
      <Newest {...props} />
    </SelectionProvider>
  );
}

/** The page shows one figure: there is nothing to mark in others. */
const NO_HEAD = { head: "" };
const NOTHING_TO_SELECT = () => undefined;

function Newest({ newest }: { newest: RunRowData | undefined }) {
  const [{ data, fetching }] = useQuery({
    query: NewestComparisonQuery,
    requestPolicy: "cache-and-network",
  });
  if (!data && fetching) return <Skeleton className="mt-10 h-[320px]" />;
  const [comparison] = nodes(data?.comparisons.edges);
  const runs = (comparison?.runs ?? []).flatMap(({ run }) => (run?.summary ? [run] : []));
  if (comparison && runs.length > 1) {
    return (
      <Section
        title={`Newest comparison: ${comparison.name}`}
        aside={
          <ButtonLink href={savedLink(comparison)} look="quiet">
            Open the comparison <ArrowRightIcon size={14} />
          </ButtonLink>
        }
      >
        <Accuracies
          runs={runs}
          note={`compared ${formatAgo(comparison.updatedAt)}`}
          query={`{ comparison(id: ${JSON.stringify(comparison.id)}) { runs { key model task run { summary { top1 { value low high n } } } } } }`}
        />
      </Section>
    );
  }
  return newest ? <StrongestHeads run={newest} /> : null;
}

const nameOf = (run: RunRowData): string =>
  `${run.task.title}, ${shortModelName(run.model.name)}, ${shotsLabel(run.settings.shots)}`;

function Accuracies(props: { runs: readonly (RunRowData & ReceiptedRun)[]; note: string; query: string }) {
  const { runs, note, query } = props;
  const bars = runs.flatMap((run) =>
    run.summary ? [{ label: nameOf(run), estimate: run.summary.top1 }] : [],
  );
  return (
    <FigureReceipts receipts={runs.flatMap(receiptsOf)}>
      <Figure
        about={EXPLANATIONS.accuracy}
        name="newest-comparison"
        query={query}
        caption={note}
        table={() => ({
          columns: ["run", "top1", "low", "high", "n"],
          rows: bars.map(({ label, estimate }) => [label, ...estimateColumns(estimate)]),
        })}
      >
        <EstimateBars
          label="Top-1 accuracy of the compared runs"
          unit="probability"
          labelWidth={280}
          bars={bars}
        />
      </Figure>
    </FigureReceipts>
  );
}

function StrongestHeads({ run }: { run: RunRowData }) {
  const [{ data }] = useQuery({ query: StrongestHeadsQuery, variables: { id: run.id } });
  const passing = data?.run?.argumentPassing;
  return (
    <Section
      title={`Newest run: ${run.task.title}`}
      aside={
        <ButtonLink href={runLink(run)} look="quiet">
          Open the run <ArrowRightIcon size={14} />
        </ButtonLink>
      }
    >
      {passing ? (
        <FigureReceipts receipts={receiptsOf({ ...run, receipt: data?.run?.receipt ?? null })}>
          <Figure
            about={EXPLANATIONS.effect}
            title="Strongest heads by patching effect"
            name={`${run.key}-strongest-heads`}
            query={`{ run(id: ${JSON.stringify(run.key)}) { argumentPassing { heads(orderBy: EFFECT, first: 8) { label effect { value low high n } } } } }`}
            caption={`${nameOf(run)}: the first 8 of ${formatInteger(passing.layers * passing.headsPerLayer)} heads`}
            table={() => ({
              columns: ["head", "effect", "low", "high", "n"],
              rows: passing.heads.map(({ label, effect }) => [label, ...estimateColumns(effect)]),
            })}
          >
            <EstimateBars
              label="Strongest heads by patching effect"
              unit="effect"
              bars={passing.heads.map(({ label, effect, mover }) => ({
                label,
                estimate: effect,
                extra: [`mover\t${mover ? "yes" : "no"}`],
              }))}
            />
          </Figure>
        </FigureReceipts>
      ) : (
        <Skeleton className="h-[320px]" />
      )}
    </Section>
  );
}
