"use client";
import { formatInteger, formatNumber, formatValue } from "@/format/numbers.ts";
import { promptMark } from "@/state/mark.ts";
import { useSelection } from "@/state/selection.tsx";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Badge } from "@/ui/badge.tsx";
import type { Prompt } from "../queries.ts";

const COLUMNS: Column<Prompt>[] = [
  {
    id: "prompt",
    header: "Prompt",
    sort: (prompt) => prompt.text,
    render: (prompt) => (
      <span className="block max-w-[52ch] truncate" data-tip={prompt.text}>
        <PromptText prompt={prompt} />
      </span>
    ),
  },
  {
    id: "answer",
    header: "Answer",
    sort: (prompt) => prompt.answer,
    render: (prompt) => <span className="font-medium text-answer">{prompt.answer}</span>,
  },
  {
    id: "frame",
    header: "Frame",
    help: "The clause that asks, and the sentence before it",
    sort: (prompt) => prompt.frame,
    render: (prompt) => <code className="font-mono text-xs text-ink-2">{prompt.frame}</code>,
  },
  {
    id: "probability",
    header: "p(answer)",
    numeric: true,
    sort: (prompt) => prompt.probability,
    render: (prompt) => formatValue(prompt.probability, "probability"),
  },
  {
    id: "rank",
    header: "Rank",
    help: "Rank of the answer in the vocabulary, 0 = top",
    numeric: true,
    sort: (prompt) => -prompt.rank,
    render: (prompt) => formatInteger(prompt.rank),
  },
  {
    id: "candidateRank",
    header: "Among candidates",
    help: "Rank among the answers of the task, 0 = top",
    numeric: true,
    sort: (prompt) => -prompt.candidateRank,
    render: (prompt) => formatInteger(prompt.candidateRank),
  },
  {
    id: "logit",
    header: "Centred logit",
    numeric: true,
    sort: (prompt) => prompt.centredLogit,
    render: (prompt) => formatNumber(prompt.centredLogit),
  },
  {
    id: "known",
    header: "Fact",
    sort: (prompt) => (prompt.known ? "known" : "unknown"),
    render: (prompt) => (prompt.known ? <Badge tone="good">known</Badge> : <Badge>unknown</Badge>),
  },
];

/** The prompt with its subject in amber. */
function PromptText({ prompt }: { prompt: Prompt }) {
  const at = prompt.text.lastIndexOf(prompt.subject);
  if (at < 0) return prompt.text;
  return (
    <>
      {prompt.text.slice(0, at)}
      <span className="font-medium text-subject">{prompt.subject}</span>
      {prompt.text.slice(at + prompt.subject.length)}
    </>
  );
}

export function PromptsTable(props: { prompts: readonly Prompt[]; selected: number | null }) {
  const { hover, select } = useSelection();
  return (
    <DataTable
      label="Prompts"
      onPointerLeave={() => hover.set(null)}
      columns={COLUMNS}
      rows={props.prompts}
      rowKey={(prompt) => String(prompt.index)}
      maxHeight={640}
      rowProps={(prompt) => ({
        label: promptMark(prompt.index),
        selected: prompt.index === props.selected,
        onPointerEnter: () => hover.set(promptMark(prompt.index)),
        onClick: () => select(promptMark(prompt.index)),
      })}
    />
  );
}
