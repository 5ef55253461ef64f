"use client";
import { useMemo } from "react";
import { downloadCsv } from "@/charts/figure-export.ts";
import { formatInterval } from "@/format/estimates.ts";
import { formatNumber } from "@/format/numbers.ts";
import { useSelection } from "@/state/selection.tsx";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { Badge } from "@/ui/badge.tsx";
import { Button } from "@/ui/button.tsx";
import { DownloadIcon } from "@/ui/icons.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import type { Decomposition, HeadWeight } from "../queries.ts";
import { carried, VERDICTS } from "./weights.ts";
import { weightsCsv } from "./weights-figure.tsx";

const ORDER = Object.keys(VERDICTS);

/** Which heads the MLP amplifies, erases, damps or inverts. */
export function WeightsTable({ fit, facts, name }: { fit: Decomposition; facts: number; name: string }) {
  const { hover, heads, select } = useSelection();
  const columns = useMemo(() => columnsFor(facts), [facts]);
  const seen = ORDER.map((verdict) => ({
    verdict: verdict as HeadWeight["verdict"],
    count: fit.weights.filter((weight) => weight.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
  return (
    <div className="min-w-0">
      <div className="mb-2 flex min-h-8 items-center justify-between gap-3">
        <div className="flex flex-wrap gap-1.5">
          {seen.map(({ verdict, count }) => (
            <Badge key={verdict} tone={VERDICTS[verdict].tone} tip={VERDICTS[verdict].meaning}>
              {count} {VERDICTS[verdict].label}
            </Badge>
          ))}
        </div>
        <Button onClick={() => downloadCsv(name, weightsCsv(fit, facts))}>
          <DownloadIcon size={14} /> CSV
        </Button>
      </div>
      <DataTable
        label={`Weights of MLP${fit.layer}`}
        columns={columns}
        rows={fit.weights}
        rowKey={(weight) => weight.label}
        defaultSort={{ column: "verdict", descending: false }}
        maxHeight={560}
        onPointerLeave={() => hover.set(null)}
        rowProps={(weight) => ({
          label: weight.label,
          selected: heads.some(({ label }) => label === weight.label),
          onClick: (event) => select(weight.label, event.shiftKey),
          onPointerEnter: () => hover.set(weight.label),
        })}
      />
    </div>
  );
}

const columnsFor = (facts: number): Column<HeadWeight>[] => [
  {
    id: "head",
    header: "Head",
    sort: (weight) => weight.label,
    render: (weight) => <span className="font-medium">{weight.label}</span>,
  },
  {
    id: "carried",
    header: "1 + w",
    help: "Share of what the head wrote that is carried on: 1 untouched, 0 erased",
    numeric: true,
    sort: (weight) => weight.weight,
    render: (weight) => (
      <EstimateValue estimate={carried(weight, facts)} unit="weight" label={`${weight.label}: 1 + w`} />
    ),
  },
  {
    id: "interval",
    header: "95 % interval",
    numeric: true,
    render: (weight) => (
      <span className="whitespace-nowrap text-ink-2">
        {formatInterval(carried(weight, facts), "weight") ?? "–"}
      </span>
    ),
  },
  {
    id: "se",
    header: "SE",
    help: "Standard error of w, clustered by fact",
    numeric: true,
    sort: (weight) => weight.standardError,
    render: (weight) => (
      <span className="text-ink-2">
        {weight.standardError === null ? "–" : formatNumber(weight.standardError, 2)}
      </span>
    ),
  },
  {
    id: "verdict",
    header: "Verdict",
    sort: (weight) => ORDER.indexOf(weight.verdict),
    render: (weight) => {
      const { label, tone, meaning } = VERDICTS[weight.verdict];
      return (
        <Badge tone={tone} tip={`${label}\n${meaning}`}>
          {label}
        </Badge>
      );
    },
  },
];
