"use client";
import { useMemo } from "react";
import { useQuery } from "urql";
import { downloadCsv } from "@/charts/figure-export.ts";
import { ChoicesQuery } from "@/features/runs/queries.ts";
import { visibleToken } from "@/format/heads.ts";
import { formatInteger, formatValue, plural } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import { nodes } from "@/graphql/nodes.ts";
import { useUrlState } from "@/state/url-state.ts";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Button } from "@/ui/button.tsx";
import { DownloadIcon } from "@/ui/icons.tsx";
import { Section } from "@/ui/page.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { type TaskData, TaskResultsQuery, type TaskRun, TaskTokensQuery } from "./queries.ts";

interface FactRow {
  subject: string;
  answer: string;
  aliases: readonly string[];
  /** As the chosen model's tokenizer cuts it; null while that is not known. */
  tokens: { subject: readonly string[]; answer: string } | null;
  /** Why the chosen model cannot be asked. */
  dropped: string | null;
  /** Place among the facts by hardness; null where no run asked it. */
  place: number | null;
  asked: number;
  known: number;
  shares: readonly (number | null)[];
}

const HARDEST_FIRST = { column: "hard", descending: false };
const DEFAULTS = { facts: "", tokens: "" } as const;
const keyOf = ({ subject, answer }: { subject: string; answer: string }) => `${subject}\u0000${answer}`;

/** The facts: how a tokenizer cuts them, and which are hard for the models that were asked. */
export function FactsSection({ task }: { task: TaskData }) {
  const { values, set } = useUrlState(DEFAULTS);
  const [choices] = useQuery({ query: ChoicesQuery });
  const models = nodes(choices.data?.models.edges).filter(({ error }) => !error);
  const model = values.tokens || models[0]?.name || "";
  const [results] = useQuery({ query: TaskResultsQuery, variables: { task: task.slug } });
  const [tokens] = useQuery({
    query: TaskTokensQuery,
    variables: { model, task: task.slug },
    pause: model === "",
  });
  const runs = results.data?.taskResults.runs ?? [];
  const rows = useMemo(() => {
    const cut = new Map(tokens.data?.taskTokens.facts.map((fact) => [keyOf(fact), fact]));
    const dropped = new Map(tokens.data?.taskTokens.dropped.map((fact) => [keyOf(fact), fact.reason]));
    const measured = new Map(
      results.data?.taskResults.facts.map((fact, place) => [keyOf(fact), { ...fact, place }]),
    );
    return task.facts.map((fact): FactRow => {
      const own = cut.get(keyOf(fact));
      const over = measured.get(keyOf(fact));
      return {
        ...fact,
        tokens: own ? { subject: own.subjectTokens, answer: own.answerToken } : null,
        dropped: dropped.get(keyOf(fact)) ?? null,
        place: over?.place ?? null,
        asked: over?.asked ?? 0,
        known: over?.known ?? 0,
        shares: over?.shares ?? [],
      };
    });
  }, [task.facts, tokens.data, results.data]);
  const wanted = values.facts.trim().toLowerCase();
  const shown = rows.filter(({ subject, answer }) => `${subject} ${answer}`.toLowerCase().includes(wanted));
  const columns = useMemo(() => columnsFor(runs), [runs]);

  return (
    <Section
      title="Facts"
      aside={
        <div className="flex items-center gap-3">
          <span className="label" aria-live="polite">
            {formatInteger(shown.length)} of {plural(task.factCount, "fact")}
          </span>
          <Button onClick={() => downloadCsv(task.slug, factsTable(rows, runs))}>
            <DownloadIcon size={14} /> CSV
          </Button>
        </div>
      }
    >
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <label>
          <span className="sr-only">Filter the facts</span>
          <input
            className="control w-56"
            placeholder="Filter facts"
            value={values.facts}
            onChange={(event) => set({ facts: event.target.value }, "replace")}
          />
        </label>
        <label className="flex items-center gap-2 text-sm">
          <span className="text-ink-2">Tokens of</span>
          <select
            className="control max-w-56"
            value={model}
            onChange={(event) => set({ tokens: event.target.value })}
          >
            {models.map(({ id, name }) => (
              <option key={id} value={name}>
                {shortModelName(name)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {tokens.error && (
        <div className="mb-3">
          <ErrorState error={tokens.error} />
        </div>
      )}
      <DataTable
        label="Facts"
        columns={columns}
        rows={shown}
        rowKey={keyOf}
        defaultSort={HARDEST_FIRST}
        maxHeight={520}
      />
      {runs.length > 0 && (
        <p className="label mt-2">
          The hardest first: by the share of runs that know the fact, of the newest run of each model and
          number of shots ({runs.map(runName).join("; ")}). A fact is known when at least half of its prompts
          are answered.
        </p>
      )}
    </Section>
  );
}

const runName = ({ model, settings }: TaskRun) =>
  `${shortModelName(model.name)}, ${shotsLabel(settings.shots)}`;
const dash = <span className="text-ink-3">–</span>;

function columnsFor(runs: readonly TaskRun[]): Column<FactRow>[] {
  return [
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
      render: (fact) => (
        <span
          className="text-answer"
          data-tip={fact.aliases.length > 0 ? `also ${fact.aliases.join(", ")}` : undefined}
        >
          {fact.answer}
        </span>
      ),
    },
    {
      id: "tokens",
      header: "Subject's tokens",
      sort: (fact) => fact.tokens?.subject.length ?? null,
      render: (fact) =>
        fact.tokens ? (
          <Tokens texts={fact.tokens.subject} />
        ) : fact.dropped ? (
          <span className="text-xs text-warn">left out: {fact.dropped}</span>
        ) : (
          dash
        ),
    },
    {
      id: "first",
      header: "Answer's first token",
      render: (fact) => (fact.tokens ? <Tokens texts={[fact.tokens.answer]} /> : dash),
    },
    {
      id: "hard",
      header: "Known in",
      help: "Runs that know the fact, of those that asked it",
      sort: ({ place }) => place,
      render: ({ asked, known }) =>
        asked === 0 ? (
          dash
        ) : (
          <span className="whitespace-nowrap">
            {known} <span className="text-ink-3">of {plural(asked, "run")}</span>
          </span>
        ),
    },
    {
      id: "shares",
      header: "Prompts answered, by run",
      help: "Share of the fact's prompts that each run's model answers",
      render: ({ shares }) => (
        <span className="flex gap-px">
          {shares.map((share, index) => (
            <span
              key={runs[index]?.id ?? index}
              data-tip={`${runs[index] ? runName(runs[index]) : ""}\nprompts answered\t${share === null ? "not asked" : formatValue(share, "share")}`}
              className="inline-flex h-5 w-9 items-center justify-center rounded-[3px] text-2xs"
              style={
                share === null
                  ? undefined
                  : {
                      background: `color-mix(in oklab, var(--bar-positive) ${Math.round(34 * share)}%, var(--sunken))`,
                    }
              }
            >
              {share === null ? "–" : Math.round(100 * share)}
            </span>
          ))}
        </span>
      ),
    },
  ];
}

function Tokens({ texts }: { texts: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-px font-mono text-xs">
      {texts.map((text, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a token's identity is its position
          key={index}
          className="rounded-[3px] bg-sunken px-[3px] whitespace-pre text-ink-2"
        >
          {visibleToken(text)}
        </span>
      ))}
    </span>
  );
}

const factsTable = (rows: readonly FactRow[], runs: readonly TaskRun[]) => ({
  columns: ["subject", "answer", "aliases", "known_in", "asked_in", ...runs.map(({ key }) => `share_${key}`)],
  rows: rows.map(({ subject, answer, aliases, known, asked, shares }) => [
    subject,
    answer,
    aliases.join("|"),
    known,
    asked,
    ...runs.map((_, index) => shares[index] ?? null),
  ]),
});
