"use client";
import { formatValue } from "@/format/numbers.ts";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Badge } from "@/ui/badge.tsx";
import { Section } from "@/ui/page.tsx";
import type { RunDetails } from "../queries.ts";

type TaskReport = NonNullable<RunDetails["taskReport"]>;
type Fact = TaskReport["facts"][number];
type Dropped = TaskReport["dropped"][number];

const FACTS: Column<Fact>[] = [
  {
    id: "subject",
    header: "Subject",
    sort: (fact) => fact.subject,
    render: (fact) => <span className="font-medium">{fact.subject}</span>,
  },
  {
    id: "answer",
    header: "Answer",
    sort: (fact) => fact.answer,
    render: (fact) => (
      <>
        {fact.answer}
        {fact.multiToken && (
          <span className="ml-2 text-xs text-ink-3" data-tip="Several tokens: the first one is the target">
            first token
          </span>
        )}
      </>
    ),
  },
  {
    id: "known",
    header: "Known",
    sort: (fact) => (fact.known ? 1 : 0),
    render: (fact) => (fact.known ? <Badge tone="good">known</Badge> : <Badge>unknown</Badge>),
  },
  {
    id: "share",
    header: "of its prompts",
    help: "Share of the fact's prompts on which the known filter holds",
    numeric: true,
    sort: (fact) => fact.knownShare,
    render: (fact) => formatValue(fact.knownShare, "share"),
  },
  {
    id: "donor",
    header: "Donor",
    help: "Subject that replaces this one in the corrupted prompts; it has as many tokens",
    sort: (fact) => fact.donor,
    render: (fact) => fact.donor ?? <span className="text-ink-3 italic">none of equal length</span>,
  },
];

const DROPPED: Column<Dropped>[] = [
  { id: "subject", header: "Subject", sort: (fact) => fact.subject, render: (fact) => fact.subject },
  { id: "answer", header: "Answer", sort: (fact) => fact.answer, render: (fact) => fact.answer },
  { id: "reason", header: "Reason", sort: (fact) => fact.reason, render: (fact) => fact.reason },
];

/** Which facts were asked, which the model knows, and which were dropped and why. */
export function FactsReport({ details }: { details: RunDetails }) {
  const report = details.taskReport;
  if (!report) return null;
  const { factsTotal, factsAdmitted, factsKnown, facts, dropped } = report;
  return (
    <Section
      title="Facts"
      aside={
        <span className="label">
          {factsTotal} in the task, {factsAdmitted} admitted, {factsKnown} known
        </span>
      }
    >
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <DataTable
          label="Facts"
          columns={FACTS}
          rows={facts}
          rowKey={(fact) => String(fact.index)}
          maxHeight={420}
        />
        {dropped.length === 0 ? (
          <p className="text-sm text-ink-2">No fact was dropped.</p>
        ) : (
          <DataTable
            label="Dropped facts"
            columns={DROPPED}
            rows={dropped}
            rowKey={(fact) => `${fact.subject}/${fact.answer}`}
            maxHeight={420}
          />
        )}
      </div>
    </Section>
  );
}
